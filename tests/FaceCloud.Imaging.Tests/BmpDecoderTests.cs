using System.Buffers.Binary;
using FaceCloud.Contracts;

namespace FaceCloud.Imaging.Tests;

public sealed class BmpDecoderTests
{
    // 5 x 3 pixels: rows of every depth need padding.
    private const int Width = 5;
    private const int Height = 3;

    [Theory]
    [InlineData(24, true)]
    [InlineData(24, false)]
    [InlineData(32, true)]
    [InlineData(32, false)]
    public void True_colour_is_read_in_either_direction(int bits, bool topDown)
    {
        using var expected = Picture.Noise(Width, Height, seed: 7);
        var bytes = bits / 8;
        var pixels = Rows(bits, topDown, (row, x, y) =>
        {
            var (red, green, blue) = Picture.At(expected, x, y);
            (row[x * bytes], row[x * bytes + 1], row[x * bytes + 2]) = (blue, green, red);
        });

        AssertDecodes(expected, Bmp(bits, pixels, topDown: topDown));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Indices_are_looked_up_in_the_palette(int bits)
    {
        var colours = 1 << bits;
        using var expected = Picture.Fill(Width, Height, (x, y) => Colour((x + 2 * y) % colours));
        var pixels = Rows(bits, topDown: false, (row, x, y) =>
            row[x * bits / 8] |= (byte)((x + 2 * y) % colours << (8 - bits - x * bits % 8)));

        AssertDecodes(expected, Bmp(bits, pixels, palette: Palette(colours)));
    }

    [Fact]
    public void The_oldest_header_and_its_short_palette_are_read()
    {
        using var expected = Picture.Fill(Width, Height, (x, y) => Colour((x + y) % 2));
        var pixels = Rows(1, topDown: false, (row, x, y) => row[0] |= (byte)((x + y) % 2 << (7 - x)));
        byte[] palette = [.. Palette(2).Chunk(4).SelectMany(entry => entry[..3])];
        var file = new byte[26 + palette.Length + pixels.Length];
        WriteFileHeader(file, 26 + palette.Length);
        file[14] = 12;
        (file[18], file[20], file[22], file[24]) = (Width, Height, 1, 1);
        palette.CopyTo(file, 26);
        pixels.CopyTo(file, 26 + palette.Length);

        AssertDecodes(expected, file);
    }

    [Fact]
    public void Sixteen_bits_are_five_of_each_colour()
    {
        using var expected = Picture.Fill(Width, Height, (x, y) => (Stretch(x * 6, 31), Stretch(y * 15, 31), Stretch(31 - x, 31)));
        var pixels = Rows(16, topDown: false, (row, x, y) =>
            BinaryPrimitives.WriteUInt16LittleEndian(row.AsSpan(x * 2), (ushort)(x * 6 << 10 | y * 15 << 5 | 31 - x)));

        AssertDecodes(expected, Bmp(16, pixels));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(52)]
    [InlineData(56)]
    [InlineData(108)]
    [InlineData(124)]
    public void Colour_masks_are_obeyed_in_every_header(int headerSize)
    {
        using var expected = Picture.Fill(Width, Height, (x, y) => (Stretch(x * 6, 31), Stretch(y * 20, 63), Stretch(x + y, 31)));
        var pixels = Rows(16, topDown: false, (row, x, y) =>
            BinaryPrimitives.WriteUInt16LittleEndian(row.AsSpan(x * 2), (ushort)(x * 6 << 11 | y * 20 << 5 | x + y)));

        AssertDecodes(expected, Bmp(16, pixels, masks: [0xF800, 0x07E0, 0x001F], headerSize: headerSize));
    }

    [Fact]
    public void Masks_of_more_than_eight_bits_are_cut_to_eight()
    {
        using var expected = Picture.Noise(Width, Height, seed: 8);
        var pixels = Rows(32, topDown: true, (row, x, y) =>
        {
            var (red, green, blue) = Picture.At(expected, x, y);
            BinaryPrimitives.WriteUInt32LittleEndian(row.AsSpan(x * 4), (uint)(red << 24 | 3 << 22 | green << 12 | blue << 2 | 1));
        });

        AssertDecodes(expected, Bmp(32, pixels, topDown: true, masks: [0xFFC00000, 0x003FF000 & 0x000FF000, 0x000003FC]));
    }

    [Fact]
    public void Run_lengths_are_expanded()
    {
        using var expected = Picture.Fill(Width, Height, (x, y) => Colour((x, y) switch
        {
            // Bottom row: a run of three, two copied.
            (< 3, 2) => 7,
            (3, 2) => 8,
            (4, 2) => 9,

            // Middle row: three copied with a byte of padding, the rest skipped.
            (< 3, 1) => x + 1,

            // Top row: reached by a move of one to the right.
            (1, 0) => 5,
            _ => 0,
        }));
        byte[] codes = [3, 7, 1, 8, 1, 9, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 2, 1, 0, 1, 5, 0, 1];

        AssertDecodes(expected, Bmp(8, codes, palette: Palette(256), compression: 1));
    }

    [Theory]
    [InlineData(new byte[] { 6, 1, 0, 1 })]
    [InlineData(new byte[] { 3, 1 })]
    [InlineData(new byte[] { 3 })]
    [InlineData(new byte[] { 0, 2, 200, 0, 0, 1 })]
    [InlineData(new byte[] { 0, 9, 1, 2, 3 })]
    [InlineData(new byte[] { 0, 2, 0, 200 })]
    public void Run_lengths_that_leave_the_image_or_the_file_do_no_harm(byte[] codes)
    {
        var file = Bmp(8, codes, palette: Palette(256), compression: 1);

        // A move above the top row ends the image, as there is nothing left to fill; all else is damage.
        if (codes is [0, 2, 0, _])
        {
            using var decoded = ImageDecoder.Decode(file, 0, new ImagingOptions());
            Assert.Equal(Width, decoded.Width);
        }
        else
        {
            AssertRefused(Failure.InvalidImage, file);
        }
    }

    [Fact]
    public void An_index_without_a_colour_is_black()
    {
        using var black = Picture.Plain(Width, Height, 0, 0, 0);
        var pixels = Rows(8, topDown: false, (row, x, _) => row[x] = 200);

        AssertDecodes(black, Bmp(8, pixels, palette: Palette(4)));
    }

    [Fact]
    public void The_last_row_may_lack_its_padding_but_no_pixel()
    {
        using var white = Picture.Plain(Width, Height, 255, 255, 255);
        var pixels = new byte[16 * Height];
        Array.Fill<byte>(pixels, 255);
        var file = Bmp(24, pixels);

        AssertDecodes(white, file[..^1]);
        AssertRefused(Failure.InvalidImage, file[..^2]);
    }

    [Theory]
    [InlineData(14, 41u)] // header size; by one byte it reaches into the pixels
    [InlineData(14, 0u)]
    [InlineData(14, 13u)]
    [InlineData(14, 125u)]
    [InlineData(14, uint.MaxValue)]
    [InlineData(18, 0u)] // width
    [InlineData(18, uint.MaxValue)]
    [InlineData(22, 0u)] // height
    [InlineData(22, 0x80000000u)]
    [InlineData(10, 0u)] // where the pixels start
    [InlineData(10, 53u)]
    [InlineData(10, 102u)]
    [InlineData(10, uint.MaxValue)]
    [InlineData(28, 0u)] // bits per pixel
    [InlineData(28, 3u)]
    [InlineData(28, 48u)]
    [InlineData(30, 1u)] // run lengths of 24-bit pixels
    [InlineData(30, 2u)]
    [InlineData(30, 3u)]
    [InlineData(30, 4u)]
    [InlineData(30, 99u)]
    public void Wrong_headers_are_refused(int at, uint value)
    {
        var file = Bmp(24, new byte[16 * Height]);
        if (at == 28)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), (ushort)value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);
        }

        AssertRefused(Failure.InvalidImage, file);
    }

    [Fact]
    public void Masks_with_gaps_are_refused()
    {
        AssertRefused(Failure.InvalidImage, Bmp(32, new byte[20 * Height], masks: [0x00FF0000, 0x0000F0F0, 0x0000000F]));
    }

    [Fact]
    public void A_bitmap_over_the_limit_is_refused()
    {
        var file = Bmp(24, new byte[16 * Height]);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), 20_000);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), -20_000);

        AssertRefused(Failure.TooLarge, file);
    }

    [Fact]
    public void Every_shortened_bitmap_is_refused()
    {
        var file = Bmp(8, new byte[8 * Height], palette: Palette(256));

        for (var length = 2; length < file.Length - 3; length++)
        {
            AssertRefused(Failure.InvalidImage, file[..length]);
        }
    }

    private static void AssertDecodes(RgbImage expected, byte[] file)
    {
        using var decoded = ImageDecoder.Decode(file, 0, new ImagingOptions());
        Picture.AssertClose(expected, decoded.Pixels, mean: 0, worst: 0);
    }

    private static void AssertRefused(Failure failure, byte[] file) =>
        Assert.Equal(failure, Assert.Throws<FailureException>(() => ImageDecoder.Decode(file, 0, new ImagingOptions())).Failure);

    private static (byte Red, byte Green, byte Blue) Colour(int index) => ((byte)(index * 37), (byte)(255 - index), (byte)(index * 91 + 5));

    private static byte Stretch(int value, int most) => (byte)Math.Round(value * 255.0 / most);

    private static byte[] Palette(int colours) =>
        [.. Enumerable.Range(0, colours).Select(Colour).SelectMany(colour => (byte[])[colour.Blue, colour.Green, colour.Red, 0])];

    private static byte[] Rows(int bits, bool topDown, Action<byte[], int, int> put)
    {
        var rows = new List<byte>();
        for (var stored = 0; stored < Height; stored++)
        {
            var row = new byte[(Width * bits + 31) / 32 * 4];
            for (var x = 0; x < Width; x++)
            {
                put(row, x, topDown ? stored : Height - 1 - stored);
            }

            rows.AddRange(row);
        }

        return [.. rows];
    }

    private static byte[] Bmp(
        int bits, byte[] pixels, bool topDown = false, byte[]? palette = null, uint[]? masks = null, int headerSize = 40, uint compression = 0)
    {
        // In the oldest info header the masks follow it; later ones have room for them, and for alpha, inside.
        var maskBytes = masks is null || headerSize > 40 ? 0 : 12;
        var offset = 14 + headerSize + maskBytes + (palette?.Length ?? 0);
        var file = new byte[offset + pixels.Length];
        WriteFileHeader(file, offset);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), headerSize);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), Width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), topDown ? -Height : Height);
        file[26] = 1;
        file[28] = (byte)bits;
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(30), masks is null ? compression : 3);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(46), (palette?.Length ?? 0) / 4);
        for (var i = 0; i < masks?.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(54 + i * 4), masks[i]);
        }

        palette?.CopyTo(file, 14 + headerSize + maskBytes);
        pixels.CopyTo(file, offset);
        return file;
    }

    private static void WriteFileHeader(byte[] file, int offset)
    {
        "BM"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), offset);
    }
}
