using System.Buffers.Binary;
using System.Numerics;
using FaceCloud.Contracts;

namespace FaceCloud.Imaging;

/// <summary>
/// Decodes Windows bitmaps, which libvips does not: 1, 2, 4, 8, 16, 24 and 32 bits per pixel, colour masks, RLE8, rows in either direction.
/// Alpha is ignored, as most viewers do: half of the writers leave it zero.
/// </summary>
/// <remarks>Layout: BITMAPFILEHEADER, BITMAPCOREHEADER to BITMAPV5HEADER and "Bitmap compression" in Microsoft's Windows GDI documentation.</remarks>
internal static class BmpDecoder
{
    private const int FileHeaderSize = 14;
    private const int CoreHeaderSize = 12;
    private const int InfoHeaderSize = 40;

    private enum Compression : uint
    {
        None = 0,
        RunLength8 = 1,
        Masks = 3,
        MasksWithAlpha = 6,
    }

    /// <exception cref="FailureException"><see cref="Failure.InvalidImage"/>, <see cref="Failure.TooLarge"/>.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> file, ImagingOptions options)
    {
        var header = Header.Read(file);
        ImageDecoder.ThrowIfTooLarge(header.Width, header.Height, options);
        var data = file[header.PixelOffset..];
        if (header.Compression != Compression.RunLength8)
        {
            // Some writers leave out the padding after the last row.
            ThrowUnless(data.Length >= header.RowBytes * (header.Height - 1) + header.UsedRowBytes);
        }

        var image = new RgbImage(header.Width, header.Height);
        try
        {
            switch (header)
            {
                case { Compression: Compression.RunLength8 }:
                    ReadRunLengths(data, Palette(file, header), image);
                    break;
                case { BitsPerPixel: <= 8 }:
                    ReadIndices(data, header, Palette(file, header), image);
                    break;
                case { BitsPerPixel: 24 }:
                    ReadBgr(data, header, image);
                    break;
                default:
                    ReadMasked(data, header, Masks(file, header), image);
                    break;
            }

            return image;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    private static ReadOnlySpan<byte> StoredRow(ReadOnlySpan<byte> data, in Header header, int y)
    {
        var stored = header.TopDown ? y : header.Height - 1 - y;
        return data.Slice((int)(stored * header.RowBytes), (int)header.UsedRowBytes);
    }

    private static Span<byte> Row(RgbImage image, int y) => image.Pixels.Slice(y * image.Stride, image.Stride);

    private static void ReadIndices(ReadOnlySpan<byte> data, in Header header, ReadOnlySpan<byte> palette, RgbImage image)
    {
        var bits = header.BitsPerPixel;
        for (var y = 0; y < image.Height; y++)
        {
            var stored = StoredRow(data, header, y);
            var row = Row(image, y);
            for (var x = 0; x < image.Width; x++)
            {
                // The leftmost pixel is in a byte's highest bits.
                var bit = (long)x * bits;
                var index = (stored[(int)(bit >> 3)] >> (8 - bits - (int)(bit & 7))) & ((1 << bits) - 1);
                palette.Slice(index * 3, 3).CopyTo(row[(x * 3)..]);
            }
        }
    }

    private static void ReadBgr(ReadOnlySpan<byte> data, in Header header, RgbImage image)
    {
        for (var y = 0; y < image.Height; y++)
        {
            var stored = StoredRow(data, header, y);
            var row = Row(image, y)[..stored.Length];
            for (var x = 0; x + 2 < stored.Length; x += 3)
            {
                row[x] = stored[x + 2];
                row[x + 1] = stored[x + 1];
                row[x + 2] = stored[x];
            }
        }
    }

    private static void ReadMasked(ReadOnlySpan<byte> data, in Header header, (Channel Red, Channel Green, Channel Blue) masks, RgbImage image)
    {
        var wide = header.BitsPerPixel == 32;
        for (var y = 0; y < image.Height; y++)
        {
            var stored = StoredRow(data, header, y);
            var row = Row(image, y);
            for (var x = 0; x < image.Width; x++)
            {
                var value = wide
                    ? BinaryPrimitives.ReadUInt32LittleEndian(stored[(x * 4)..])
                    : BinaryPrimitives.ReadUInt16LittleEndian(stored[(x * 2)..]);
                row[x * 3] = masks.Red.Of(value);
                row[x * 3 + 1] = masks.Green.Of(value);
                row[x * 3 + 2] = masks.Blue.Of(value);
            }
        }
    }

    // Pairs (count, index); count 0 escapes: 0 ends the row, 1 ends the image, 2 moves by (right, up), 3 or more copies that many indices.
    private static void ReadRunLengths(ReadOnlySpan<byte> data, ReadOnlySpan<byte> palette, RgbImage image)
    {
        // Pixels that a move skips have no colour of their own; index 0 stands for them.
        for (var at = 0; at < image.Pixels.Length; at += 3)
        {
            palette[..3].CopyTo(image.Pixels[at..]);
        }

        var (x, y, position) = (0, image.Height - 1, 0);
        while (y >= 0)
        {
            var (count, value) = (Next(data, ref position), Next(data, ref position));
            switch ((count, value))
            {
                case (0, 0):
                    (x, y) = (0, y - 1);
                    break;
                case (0, 1):
                    return;
                case (0, 2):
                    x += Next(data, ref position);
                    y -= Next(data, ref position);
                    ThrowUnless(x <= image.Width);
                    break;
                case (0, _):
                    for (var i = 0; i < value; i++)
                    {
                        Put(palette, Next(data, ref position));
                    }

                    // Copied indices end on an even byte.
                    position += value & 1;
                    break;
                default:
                    for (var i = 0; i < count; i++)
                    {
                        Put(palette, value);
                    }

                    break;
            }
        }

        void Put(ReadOnlySpan<byte> palette, int index)
        {
            ThrowUnless(x < image.Width);
            palette.Slice(index * 3, 3).CopyTo(Row(image, y)[(x * 3)..]);
            x++;
        }

        static int Next(ReadOnlySpan<byte> data, ref int position)
        {
            ThrowUnless(position < data.Length);
            return data[position++];
        }
    }

    // 256 RGB entries, so that no index is out of range: those the file does not define are black.
    private static byte[] Palette(ReadOnlySpan<byte> file, in Header header)
    {
        var palette = new byte[256 * 3];
        var entrySize = header.Size == CoreHeaderSize ? 3 : 4;
        var entries = file[(FileHeaderSize + header.Size)..header.PixelOffset];
        var count = Math.Min(header.PaletteEntries, entries.Length / entrySize);
        for (var i = 0; i < count; i++)
        {
            var entry = entries.Slice(i * entrySize, 3);
            (palette[i * 3], palette[i * 3 + 1], palette[i * 3 + 2]) = (entry[2], entry[1], entry[0]);
        }

        return palette;
    }

    private static (Channel Red, Channel Green, Channel Blue) Masks(ReadOnlySpan<byte> file, in Header header)
    {
        if (header.Compression == Compression.None)
        {
            return header.BitsPerPixel == 16
                ? (new Channel(0x7C00), new Channel(0x03E0), new Channel(0x001F))
                : (new Channel(0xFF0000), new Channel(0x00FF00), new Channel(0x0000FF));
        }

        // Right after the 40 bytes of the oldest info header; in the longer ones the same place is part of the header.
        const int Start = FileHeaderSize + InfoHeaderSize;
        ThrowUnless(header.PixelOffset >= Start + 12);
        return (
            new Channel(BinaryPrimitives.ReadUInt32LittleEndian(file[Start..])),
            new Channel(BinaryPrimitives.ReadUInt32LittleEndian(file[(Start + 4)..])),
            new Channel(BinaryPrimitives.ReadUInt32LittleEndian(file[(Start + 8)..])));
    }

    private static void ThrowUnless(bool sound)
    {
        if (!sound)
        {
            throw new FailureException(
                Failure.InvalidImage, "The BMP image is damaged or incomplete. Check that it opens in a viewer and send the whole file.");
        }
    }

    /// <summary>What the headers say, checked: sides positive, depth and compression possible together, pixel data inside the file.</summary>
    private readonly record struct Header(
        int Size, int Width, int Height, bool TopDown, int BitsPerPixel, Compression Compression, int PaletteEntries, int PixelOffset)
    {
        public long UsedRowBytes => ((long)Width * BitsPerPixel + 7) / 8;

        // Rows start at multiples of four bytes.
        public long RowBytes => (UsedRowBytes + 3) / 4 * 4;

        public static Header Read(ReadOnlySpan<byte> file)
        {
            ThrowUnless(file.Length >= FileHeaderSize + CoreHeaderSize);
            var offset = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]);
            var size = BinaryPrimitives.ReadUInt32LittleEndian(file[14..]);
            ThrowUnless(size == CoreHeaderSize || size is >= InfoHeaderSize and <= 124);
            ThrowUnless(offset >= FileHeaderSize + size && offset < file.Length);
            var header = size == CoreHeaderSize ? ReadCore(file) : ReadInfo(file);
            header = header with { Size = (int)size, PixelOffset = (int)offset };
            ThrowUnless(header is { Width: > 0, Height: > 0 });
            ThrowUnless((header.Compression, header.BitsPerPixel) is
                (Compression.None, 1 or 2 or 4 or 8 or 16 or 24 or 32)
                or (Compression.Masks or Compression.MasksWithAlpha, 16 or 32)
                or (Compression.RunLength8, 8));
            return header;
        }

        private static Header ReadCore(ReadOnlySpan<byte> file) => default(Header) with
        {
            Width = BinaryPrimitives.ReadUInt16LittleEndian(file[18..]),
            Height = BinaryPrimitives.ReadUInt16LittleEndian(file[20..]),
            BitsPerPixel = BinaryPrimitives.ReadUInt16LittleEndian(file[24..]),
            PaletteEntries = 256,
        };

        private static Header ReadInfo(ReadOnlySpan<byte> file)
        {
            // A negative height says that the first row stored is the top one. The smallest integer has no positive counterpart.
            var height = BinaryPrimitives.ReadInt32LittleEndian(file[22..]);
            ThrowUnless(height != int.MinValue);
            var bits = BinaryPrimitives.ReadUInt16LittleEndian(file[28..]);
            var colours = BinaryPrimitives.ReadUInt32LittleEndian(file[46..]);
            return default(Header) with
            {
                Width = BinaryPrimitives.ReadInt32LittleEndian(file[18..]),
                Height = Math.Abs(height),
                TopDown = height < 0,
                BitsPerPixel = bits,
                Compression = (Compression)BinaryPrimitives.ReadUInt32LittleEndian(file[30..]),
                PaletteEntries = colours is 0 or > 256 ? 256 : (int)colours,
            };
        }
    }

    /// <summary>One colour's bits inside a pixel, stretched to 0..255.</summary>
    private readonly struct Channel
    {
        private readonly uint mask;
        private readonly int shift;
        private readonly byte[] levels;

        public Channel(uint mask)
        {
            shift = mask == 0 ? 0 : BitOperations.TrailingZeroCount(mask);
            var bits = BitOperations.PopCount(mask);
            ThrowUnless((mask >> shift) == (bits == 32 ? uint.MaxValue : (1u << bits) - 1));

            // Eight bits are all that is kept.
            shift += Math.Max(0, bits - 8);
            bits = Math.Min(bits, 8);
            var top = (1u << bits) - 1;
            this.mask = top << shift;
            levels = new byte[1 << bits];
            for (var i = 1u; i <= top; i++)
            {
                levels[i] = (byte)((i * 255 + top / 2) / top);
            }
        }

        public byte Of(uint value) => levels[(value & mask) >> shift];
    }
}
