using System.Globalization;
using FaceCloud.Imaging.Native;

namespace FaceCloud.Imaging;

/// <summary>When a photo was taken (EXIF 2.32, tags 0x9003 DateTimeOriginal and 0x9011 OffsetTimeOriginal).</summary>
internal static class ExifDate
{
    /// <summary>UTC where the file names its zone, else the camera's clock; null where it names no date that exists.</summary>
    public static DateTime? Of(VipsImage header)
    {
        // libvips writes a field as "2023:01:01 12:00:00 (2023:01:01 12:00:00, ASCII, 20 components, 20 bytes)".
        if (header.Text("exif-ifd2-DateTimeOriginal") is not { Length: >= 19 } text || !DateTime.TryParseExact(
            text.AsSpan(0, 19), "yyyy:MM:dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var taken))
        {
            return null;
        }

        var zoned = header.Text("exif-ifd2-OffsetTimeOriginal") is { Length: >= 6 } offset
            && DateTimeOffset.TryParseExact(
                string.Concat(text.AsSpan(0, 19), offset.AsSpan(0, 6)), "yyyy:MM:dd HH:mm:sszzz", CultureInfo.InvariantCulture,
                DateTimeStyles.None, out var exact)
                ? exact.UtcDateTime
                : taken;
        return DateTime.SpecifyKind(zoned, DateTimeKind.Unspecified);
    }
}
