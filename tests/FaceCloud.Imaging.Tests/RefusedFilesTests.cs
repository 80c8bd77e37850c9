using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using FaceCloud.Contracts;

namespace FaceCloud.Imaging.Tests;

public sealed class RefusedFilesTests
{
    [Fact]
    public void An_empty_file_is_refused()
    {
        AssertRefused(Failure.InvalidImage, []);
    }

    [Theory]
    [InlineData("Dear Sir or Madam, please find attached my photo.")]
    [InlineData("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"><rect width=\"10\" height=\"10\"/></svg>")]
    [InlineData("<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"/>")]
    [InlineData("%PDF-1.4\n1 0 obj\n<<>>\nendobj")]
    [InlineData("P6 1 1 255 abc")]
    [InlineData("#?RADIANCE\n")]
    [InlineData("B")]
    [InlineData("GIF")]
    public void What_is_no_image_of_a_supported_type_is_refused(string text)
    {
        var refusal = AssertRefused(Failure.InvalidImage, Encoding.ASCII.GetBytes(text));

        Assert.Contains("supported type", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sender_of_an_iphone_photo_is_told_to_convert_it()
    {
        var refusal = AssertRefused(Failure.InvalidImage, [0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0, .. "mif1heic"u8]);

        Assert.Contains("HEIC", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("jpegsave_buffer")]
    [InlineData("jpegsave_buffer:interlace=true")]
    [InlineData("pngsave_buffer")]
    [InlineData("webpsave_buffer")]
    [InlineData("tiffsave_buffer")]
    [InlineData("tiffsave_buffer:compression=lzw")]
    [InlineData("gifsave_buffer")]
    [InlineData("heifsave_buffer:compression=av1,effort=0")]
    public void A_file_that_ends_early_is_refused(string format)
    {
        using var image = Picture.Noise(200, 150, seed: 3);
        var file = Picture.Encode(image, format);

        foreach (var share in (double[])[0.95, 0.5, 0.1, 0.01])
        {
            foreach (var shrinkTo in (int[])[0, 40])
            {
                AssertRefused(Failure.InvalidImage, file[..(int)(file.Length * share)], shrinkTo);
            }
        }
    }

    [Fact]
    public void A_huge_image_in_a_small_file_is_refused_before_it_is_decoded()
    {
        // 20,000 x 20,000 grey pixels, all the same: 400 megapixels in some 50 KB of a valid PNG, but without its last rows.
        var file = HugePng(20_000, 20_000, rows: 100);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var refusal = AssertRefused(Failure.TooLarge, file);

        // Had it begun to decode, the missing rows would have made it a damaged image, and its pixels are 1.2 GB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Contains("20000 x 20000", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("100 megapixels", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_of_exactly_the_limit_is_accepted()
    {
        using var image = Picture.Plain(50, 40, 1, 2, 3);
        var file = Picture.Encode(image, "pngsave_buffer");

        using var accepted = ImageDecoder.Decode(file, 0, new ImagingOptions { MaxPixels = 2000 });
        var refusal = Assert.Throws<FailureException>(() => ImageDecoder.Decode(file, 0, new ImagingOptions { MaxPixels = 1999 }));

        Assert.Equal(Failure.TooLarge, refusal.Failure);
    }

    [Fact]
    public void An_image_with_the_channels_of_an_instrument_is_refused()
    {
        var file = Picture.Encode(new byte[8 * 8 * 7], 8, 8, 7, "tiffsave_buffer");

        AssertRefused(Failure.InvalidImage, file);
    }

    [Fact]
    public void A_refusal_says_what_to_do_and_nothing_of_the_inside()
    {
        using var image = Picture.Noise(64, 64, seed: 4);
        var file = Picture.Encode(image, "pngsave_buffer");

        var refusal = AssertRefused(Failure.InvalidImage, file[..(file.Length / 2)]);

        Assert.Equal("The PNG image is damaged or incomplete. Check that it opens in a viewer and send the whole file.", refusal.Message);
    }

    private static FailureException AssertRefused(Failure failure, byte[] file, int shrinkTo = 0)
    {
        var refusal = Assert.Throws<FailureException>(() => ImageDecoder.Decode(file, shrinkTo, new ImagingOptions()));
        Assert.Equal(failure, refusal.Failure);
        return refusal;
    }

    private static byte[] HugePng(int width, int height, int rows)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            // Each row is a filter byte and its pixels.
            zlib.Write(new byte[(width + 1) * rows]);
        }

        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        return [0x89, .. "PNG"u8, 0x0D, 0x0A, 0x1A, 0x0A, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, packed.ToArray()), .. Chunk("IEND"u8, [])];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        byte[] chunk = [0, 0, 0, 0, .. type, .. data, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), Crc32(chunk.AsSpan(4, data.Length + 4)));
        return chunk;
    }

    private static uint Crc32(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
            }
        }

        return ~crc;
    }
}
