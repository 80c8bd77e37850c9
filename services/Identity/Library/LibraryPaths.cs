using System.Globalization;
using FaceCloud.Identity.Data;

namespace FaceCloud.Identity.Library;

/// <summary>Where the files of the library answer.</summary>
internal static class LibraryPaths
{
    /// <summary><c>/media/2023/01/100/IMG_001.jpg</c>: year and month for people to read, the id to find it by.</summary>
    public static string Media(Photo photo) => string.Create(
        CultureInfo.InvariantCulture, $"/media/{photo.TakenAt ?? photo.CreatedAt:yyyy'/'MM}/{photo.Id}/{Uri.EscapeDataString(photo.Filename)}");

    /// <summary><c>/processed/faces/face_1.jpg</c>; null for a face of which no picture is kept.</summary>
    public static string? Crop(Face face) => face.PhotoId is null && face.Portrait is null ? null : Crop(face.Id);

    /// <summary>The same of a face that is on a photo or has a portrait.</summary>
    public static string Crop(long faceId) => string.Create(CultureInfo.InvariantCulture, $"/processed/faces/face_{faceId}.jpg");
}
