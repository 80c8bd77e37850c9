using FaceCloud.Contracts;

namespace FaceCloud.Imaging;

/// <summary>The kinds of files that are decoded.</summary>
public enum ImageFormat
{
    Jpeg,
    Png,
    WebP,
    Tiff,
    Gif,
    Avif,
    Bmp,
}

/// <summary>Tells a file's kind by its first bytes; what its name or sender says is not asked.</summary>
public static class ImageFormats
{
    /// <summary>So many first bytes are enough to tell.</summary>
    public const int EnoughBytes = 1024;

    private const string Supported = "JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP";

    /// <param name="file">The whole file, or its first <see cref="EnoughBytes"/> bytes.</param>
    /// <exception cref="FailureException"><see cref="Failure.InvalidImage"/>: empty, or none that is decoded.</exception>
    public static ImageFormat Require(ReadOnlySpan<byte> file)
    {
        if (file.IsEmpty)
        {
            throw new FailureException(Failure.InvalidImage, $"The image is empty. Send the bytes of a {Supported} file.");
        }

        return Recognise(file) ?? throw new FailureException(Failure.InvalidImage, IsHeic(file)
            ? "HEIC images are not supported. Convert the photo to JPEG and send it again."
            : $"The file is not an image of a supported type. Send a {Supported} file.");
    }

    /// <summary>What the name of such a file ends with, without a dot.</summary>
    public static string Extension(this ImageFormat format) => format switch
    {
        ImageFormat.Jpeg => "jpg",
        ImageFormat.Tiff => "tif",
        _ => format.ToString().ToLowerInvariant(),
    };

    /// <summary>The media type of a file by its <see cref="Extension"/>.</summary>
    public static string MediaType(string extension) => extension switch
    {
        "jpg" => "image/jpeg",
        "tif" => "image/tiff",
        _ => $"image/{extension}",
    };

    /// <summary>The kind of the file; null if it is none that is decoded.</summary>
    public static ImageFormat? Recognise(ReadOnlySpan<byte> file) => file switch
    {
        [0xFF, 0xD8, 0xFF, ..] => ImageFormat.Jpeg,
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => ImageFormat.Png,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => ImageFormat.WebP,

        // TIFF in either byte order, and BigTIFF (43) beside the classic one (42).
        [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => ImageFormat.Tiff,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => ImageFormat.Gif,
        [(byte)'B', (byte)'M', ..] => ImageFormat.Bmp,
        _ => HasBrand(file, "avif"u8) || HasBrand(file, "avis"u8) ? ImageFormat.Avif : null,
    };

    /// <summary>Whether it is a photo as Apple's cameras write them: the same container as AVIF, but HEVC inside, for which there is no decoder here.</summary>
    public static bool IsHeic(ReadOnlySpan<byte> file) => HasBrand(file, "heic"u8) || HasBrand(file, "heix"u8) || HasBrand(file, "hevc"u8);

    // ISO/IEC 14496-12, 4.3: a file starts with size:u32, "ftyp", major brand, version:u32, compatible brands up to the box's end.
    private static bool HasBrand(ReadOnlySpan<byte> file, ReadOnlySpan<byte> brand)
    {
        if (file.Length < 16 || !file[4..8].SequenceEqual("ftyp"u8))
        {
            return false;
        }

        var size = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(file);
        var box = file[..(int)Math.Min((uint)file.Length, size)];
        for (var at = 8; at + 4 <= box.Length; at += 4)
        {
            if (at != 12 && box.Slice(at, 4).SequenceEqual(brand))
            {
                return true;
            }
        }

        return false;
    }
}
