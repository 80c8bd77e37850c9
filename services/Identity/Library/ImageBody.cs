using System.Globalization;
using FaceCloud.Identity.Data;

namespace FaceCloud.Identity.Library;

/// <summary>The photo of a face, as the library dialect shows it.</summary>
/// <param name="Id">The photo's.</param>
/// <param name="Filename">As the client named it.</param>
/// <param name="DateTaken">UTC, <c>yyyy-MM-ddTHH:mm:ssZ</c>; null where the file does not say.</param>
/// <param name="MediaUrl">A path that answers with the file.</param>
internal sealed record ImageBody(long Id, string Filename, string? DateTaken, string MediaUrl)
{
    /// <summary>Null for a face that was enrolled without keeping its photo.</summary>
    public static ImageBody? Of(Photo? photo) =>
        photo is null ? null : new(photo.Id, photo.Filename, photo.TakenAt is { } taken ? Time(taken) : null, LibraryPaths.Media(photo));

    /// <summary>A time in this dialect's form.</summary>
    public static string Time(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
