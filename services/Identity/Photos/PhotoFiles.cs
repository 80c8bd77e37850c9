using System.Globalization;

namespace FaceCloud.Identity.Photos;

/// <summary>The keys of a photo's files in the store: all in one folder, which goes as a whole when the photo does.</summary>
internal static class PhotoFiles
{
    /// <summary>What lies below it; ends with <c>/</c>.</summary>
    public static string Folder(Guid photo)
    {
        // The first digits of a UUIDv7 are its time and alike for years, the last are random: they spread the folders.
        var name = photo.ToString("n");
        return $"photos/{name[^2..]}/{name}/";
    }

    /// <summary>The file as it was sent.</summary>
    public static string Original(Guid photo, string extension) => $"{Folder(photo)}original.{extension}";

    /// <summary>The aligned crop of one of its faces.</summary>
    public static string Crop(Guid photo, int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{Folder(photo)}face-{ordinal}.jpg");
}
