using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FaceCloud.Imaging;

/// <summary>
/// Changes the size of an image with a triangle filter as wide as the reduction asks for: every source pixel counts, so fine patterns do
/// not alias, and an enlargement is bilinear. Pillow and torchvision call the same "bilinear" with "antialias".
/// </summary>
/// <remarks>Pixel centres lie at halves: the centre of output pixel i is at (i + 0.5) * source / output in the source.</remarks>
public static class Resampler
{
    /// <summary>A new image of the given size.</summary>
    public static RgbImage Resize(RgbImage source, int width, int height)
    {
        var resized = new RgbImage(width, height);
        try
        {
            Resize(source, resized);
            return resized;
        }
        catch
        {
            resized.Dispose();
            throw;
        }
    }

    /// <summary>Fills <paramref name="destination"/> with the source at its size.</summary>
    public static void Resize(RgbImage source, RgbImage destination) =>
        Resize(source, new PixelRegion(0, 0, source.Width, source.Height), destination);

    /// <summary>Fills <paramref name="destination"/> with a part of the source, as if that part were the whole image.</summary>
    internal static void Resize(RgbImage source, PixelRegion region, RgbImage destination)
    {
        if ((region.Width, region.Height) == (destination.Width, destination.Height))
        {
            Copy(source, region, destination);
            return;
        }

        var columns = new FilterTaps(region.Width, destination.Width);
        var rows = new FilterTaps(region.Height, destination.Height);

        // Rows first: that pass is the larger one, and runs over neighbouring bytes whatever their colour. One float more than the row
        // has, because the second pass loads four where it means three.
        var line = ArrayPool<float>.Shared.Rent(region.Width * 3 + 1);
        try
        {
            ref var top = ref MemoryMarshal.GetReference(source.PixelsWithSlack[((region.Y * source.Width + region.X) * 3)..]);
            ref var output = ref MemoryMarshal.GetReference(destination.PixelsWithSlack);
            for (var y = 0; y < destination.Height; y++)
            {
                var first = rows.First(y);
                MixRows(ref Unsafe.Add(ref top, first * source.Stride), source.Stride, rows.Weights(y), line.AsSpan(0, region.Width * 3));
                MixColumns(line, columns, ref Unsafe.Add(ref output, y * destination.Stride), destination.Width);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(line);
        }
    }

    private static void Copy(RgbImage source, PixelRegion region, RgbImage destination)
    {
        for (var y = 0; y < region.Height; y++)
        {
            source.Pixels.Slice((region.Y + y) * source.Stride + region.X * 3, region.Width * 3).CopyTo(destination.Pixels[(y * destination.Stride)..]);
        }
    }

    /// <summary>The weighted sum of consecutive rows.</summary>
    private static void MixRows(ref byte first, int stride, ReadOnlySpan<float> weights, Span<float> line)
    {
        ref var sum = ref MemoryMarshal.GetReference(line);
        var block = Vector256<byte>.Count;
        var x = 0;
        if (line.Length >= block)
        {
            for (; x < line.Length; x += block)
            {
                // The last block starts early enough to be whole; it computes some sums a second time.
                x = Math.Min(x, line.Length - block);
                Vector256<float> a = default, b = default, c = default, d = default;
                ref var pixel = ref Unsafe.Add(ref first, x);
                for (var k = 0; k < weights.Length; k++)
                {
                    var weight = Vector256.Create(weights[k]);
                    var (low, high) = Vector256.Widen(Vector256.LoadUnsafe(ref pixel, (nuint)(k * stride)));
                    var (low0, low1) = Vector256.Widen(low);
                    var (high0, high1) = Vector256.Widen(high);
                    a = Vector256.MultiplyAddEstimate(Vector256.ConvertToSingle(low0.AsInt32()), weight, a);
                    b = Vector256.MultiplyAddEstimate(Vector256.ConvertToSingle(low1.AsInt32()), weight, b);
                    c = Vector256.MultiplyAddEstimate(Vector256.ConvertToSingle(high0.AsInt32()), weight, c);
                    d = Vector256.MultiplyAddEstimate(Vector256.ConvertToSingle(high1.AsInt32()), weight, d);
                }

                a.StoreUnsafe(ref sum, (nuint)x);
                b.StoreUnsafe(ref sum, (nuint)x + 8);
                c.StoreUnsafe(ref sum, (nuint)x + 16);
                d.StoreUnsafe(ref sum, (nuint)x + 24);
            }

            return;
        }

        for (; x < line.Length; x++)
        {
            var total = 0f;
            for (var k = 0; k < weights.Length; k++)
            {
                total += weights[k] * Unsafe.Add(ref first, k * stride + x);
            }

            line[x] = total;
        }
    }

    /// <summary>The weighted sums of neighbouring pixels of a line, rounded to bytes.</summary>
    private static void MixColumns(ReadOnlySpan<float> line, FilterTaps taps, ref byte output, int width)
    {
        ref var pixels = ref MemoryMarshal.GetReference(line);
        for (var x = 0; x < width; x++)
        {
            // Weights are positive and sum to 1, so that no sum leaves 0..255; the half rounds.
            var sum = Vector128.Create(0.5f);
            ref var pixel = ref Unsafe.Add(ref pixels, taps.First(x) * 3);
            foreach (var weight in taps.Weights(x))
            {
                sum = Vector128.MultiplyAddEstimate(Vector128.LoadUnsafe(ref pixel), Vector128.Create(weight), sum);
                pixel = ref Unsafe.Add(ref pixel, 3);
            }

            RgbVector.Store(sum, ref output);
            output = ref Unsafe.Add(ref output, 3);
        }
    }
}
