namespace FaceCloud.Imaging;

/// <summary>The kinds of files that are decoded.</summary>
internal enum ImageFormat
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
internal static class ImageFormats
{
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
