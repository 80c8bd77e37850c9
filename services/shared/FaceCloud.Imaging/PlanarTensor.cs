using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FaceCloud.Imaging;

/// <summary>How a network wants its pixels: <c>(value - Mean) * Scale</c> for each 8-bit value, one plane per colour.</summary>
/// <param name="Mean">Subtracted first, in units of 0 to 255.</param>
/// <param name="Scale">The factor after that.</param>
/// <param name="BlueFirst">Planes blue, green, red instead of red, green, blue.</param>
public readonly record struct PlanarFormat(float Mean, float Scale, bool BlueFirst = false)
{
    /// <summary>What a black pixel becomes; the usual padding.</summary>
    public float Black => (0 - Mean) * Scale;
}

/// <summary>Lays pixels out as a network's input: 3 x height x width floats (one image of an NCHW batch).</summary>
public static class PlanarTensor
{
    /// <summary>Fills planes of exactly the image's size.</summary>
    /// <param name="rgb"><c>3 * width * height</c> bytes, RGB interleaved.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="planes"><c>3 * width * height</c> floats.</param>
    /// <param name="format">Values and order.</param>
    public static void Pack(ReadOnlySpan<byte> rgb, int width, int height, Span<float> planes, PlanarFormat format) =>
        Pack(rgb, width, height, planes, width, height, format, format.Black);

    /// <summary>Fills planes with the image at their top left, padded at the right and at the bottom (a letterbox).</summary>
    /// <param name="rgb"><c>3 * width * height</c> bytes, RGB interleaved.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="planes"><c>3 * planeWidth * planeHeight</c> floats; each is written.</param>
    /// <param name="planeWidth">At least <paramref name="width"/>.</param>
    /// <param name="planeHeight">At least <paramref name="height"/>.</param>
    /// <param name="format">Values and order.</param>
    /// <param name="padding">What the padding holds, in the network's units; usually <see cref="PlanarFormat.Black"/>.</param>
    public static void Pack(
        ReadOnlySpan<byte> rgb, int width, int height, Span<float> planes, int planeWidth, int planeHeight, PlanarFormat format, float padding)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Math.Min(width, height), nameof(width));
        ArgumentOutOfRangeException.ThrowIfLessThan(planeWidth, width);
        ArgumentOutOfRangeException.ThrowIfLessThan(planeHeight, height);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgb.Length, 3L * width * height, nameof(rgb));
        ArgumentOutOfRangeException.ThrowIfNotEqual(planes.Length, 3L * planeWidth * planeHeight, nameof(planes));
        var plane = planeWidth * planeHeight;
        var (red, blue) = format.BlueFirst ? (2, 0) : (0, 2);
        for (var y = 0; y < height; y++)
        {
            var start = y * planeWidth;
            PackRow(
                rgb.Slice(y * width * 3, width * 3),
                planes.Slice(red * plane + start, width),
                planes.Slice(plane + start, width),
                planes.Slice(blue * plane + start, width),
                format);
        }

        for (var colour = 0; colour < 3; colour++)
        {
            var values = planes.Slice(colour * plane, plane);
            for (var y = 0; y < height; y++)
            {
                values[(y * planeWidth + width)..((y + 1) * planeWidth)].Fill(padding);
            }

            values[(height * planeWidth)..].Fill(padding);
        }
    }

    private static void PackRow(ReadOnlySpan<byte> rgb, Span<float> red, Span<float> green, Span<float> blue, PlanarFormat format)
    {
        var (mean, scale) = (Vector256.Create(format.Mean), Vector256.Create(format.Scale));
        var x = 0;

        // Sixteen pixels are three vectors; of each colour's bytes, each of the three holds a third in a fixed pattern.
        for (; x + 16 <= red.Length; x += 16)
        {
            ref var pixels = ref MemoryMarshal.GetReference(rgb[(x * 3)..]);
            var a = Vector128.LoadUnsafe(ref pixels);
            var b = Vector128.LoadUnsafe(ref pixels, 16);
            var c = Vector128.LoadUnsafe(ref pixels, 32);
            Spread(
                Vector128.Shuffle(a, Vector128.Create((byte)0, 3, 6, 9, 12, 15, N, N, N, N, N, N, N, N, N, N))
                | Vector128.Shuffle(b, Vector128.Create(N, N, N, N, N, N, 2, 5, 8, 11, 14, N, N, N, N, N))
                | Vector128.Shuffle(c, Vector128.Create(N, N, N, N, N, N, N, N, N, N, N, 1, 4, 7, 10, 13)),
                red[x..]);
            Spread(
                Vector128.Shuffle(a, Vector128.Create((byte)1, 4, 7, 10, 13, N, N, N, N, N, N, N, N, N, N, N))
                | Vector128.Shuffle(b, Vector128.Create(N, N, N, N, N, 0, 3, 6, 9, 12, 15, N, N, N, N, N))
                | Vector128.Shuffle(c, Vector128.Create(N, N, N, N, N, N, N, N, N, N, N, 2, 5, 8, 11, 14)),
                green[x..]);
            Spread(
                Vector128.Shuffle(a, Vector128.Create((byte)2, 5, 8, 11, 14, N, N, N, N, N, N, N, N, N, N, N))
                | Vector128.Shuffle(b, Vector128.Create(N, N, N, N, N, 1, 4, 7, 10, 13, N, N, N, N, N, N))
                | Vector128.Shuffle(c, Vector128.Create(N, N, N, N, N, N, N, N, N, N, 0, 3, 6, 9, 12, 15)),
                blue[x..]);
        }

        for (; x < red.Length; x++)
        {
            red[x] = (rgb[x * 3] - format.Mean) * format.Scale;
            green[x] = (rgb[x * 3 + 1] - format.Mean) * format.Scale;
            blue[x] = (rgb[x * 3 + 2] - format.Mean) * format.Scale;
        }

        void Spread(Vector128<byte> values, Span<float> output)
        {
            ref var first = ref MemoryMarshal.GetReference(output);
            var (low, high) = Vector256.Widen(Vector256.Create(Vector128.WidenLower(values), Vector128.WidenUpper(values)));
            ((Vector256.ConvertToSingle(low.AsInt32()) - mean) * scale).StoreUnsafe(ref first);
            ((Vector256.ConvertToSingle(high.AsInt32()) - mean) * scale).StoreUnsafe(ref first, 8);
        }
    }

    // An index out of range: a shuffle leaves zero there.
    private const byte N = 0xFF;
}
