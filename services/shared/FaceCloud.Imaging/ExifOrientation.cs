using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FaceCloud.Imaging;

/// <summary>Turns pixels upright (EXIF 2.32, tag 0x0112).</summary>
internal static class ExifOrientation
{
    // Turned by 90 degrees, rows become columns: in square tiles both sides of the copy stay in the first-level cache.
    private const int Tile = 32;

    /// <summary>Whether the upright image is as wide as the stored one is high.</summary>
    public static bool SwapsSides(int orientation) => orientation is >= 5 and <= 8;

    /// <summary>A new image with the pixels of <paramref name="source"/> as they are to be seen.</summary>
    /// <param name="source">Pixels as stored.</param>
    /// <param name="orientation">1 to 8; the tag says which sides of the picture the first row and first column of the file are.</param>
    public static RgbImage Apply(RgbImage source, int orientation)
    {
        // Where the upright image's first pixel is in the source, and how far its right and its lower neighbour are from there.
        var (pixel, row) = (3, source.Stride);
        var (right, bottom) = ((source.Width - 1) * pixel, (source.Height - 1) * row);
        var (start, stepX, stepY) = orientation switch
        {
            1 => (0, pixel, row),
            2 => (right, -pixel, row),
            3 => (right + bottom, -pixel, -row),
            4 => (bottom, pixel, -row),
            5 => (0, row, pixel),
            6 => (bottom, -row, pixel),
            7 => (right + bottom, -row, -pixel),
            8 => (right, row, -pixel),
            _ => throw new ArgumentOutOfRangeException(nameof(orientation)),
        };

        var upright = SwapsSides(orientation) ? new RgbImage(source.Height, source.Width) : new RgbImage(source.Width, source.Height);
        ref var from = ref MemoryMarshal.GetReference(source.PixelsWithSlack);
        ref var to = ref MemoryMarshal.GetReference(upright.PixelsWithSlack);
        for (var tileY = 0; tileY < upright.Height; tileY += Tile)
        {
            for (var tileX = 0; tileX < upright.Width; tileX += Tile)
            {
                CopyTile(ref from, ref to, tileX, tileY);
            }
        }

        return upright;

        void CopyTile(ref byte from, ref byte to, int tileX, int tileY)
        {
            var (endX, endY) = (Math.Min(tileX + Tile, upright.Width), Math.Min(tileY + Tile, upright.Height));
            for (var y = tileY; y < endY; y++)
            {
                ref var source = ref Unsafe.Add(ref from, start + y * stepY + tileX * stepX);
                ref var target = ref Unsafe.Add(ref to, y * upright.Stride + tileX * pixel);

                // Four bytes at once; the fourth lands on the next pixel, which is written after it. The last of the run has no such next.
                for (var x = tileX; x < endX - 1; x++)
                {
                    Unsafe.WriteUnaligned(ref target, Unsafe.ReadUnaligned<uint>(ref source));
                    source = ref Unsafe.Add(ref source, stepX);
                    target = ref Unsafe.Add(ref target, pixel);
                }

                target = source;
                Unsafe.Add(ref target, 1) = Unsafe.Add(ref source, 1);
                Unsafe.Add(ref target, 2) = Unsafe.Add(ref source, 2);
            }
        }
    }
}
