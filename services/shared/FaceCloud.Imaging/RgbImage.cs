using System.Buffers;

namespace FaceCloud.Imaging;

/// <summary>
/// Decoded pixels: 8-bit RGB interleaved, rows top to bottom without padding between them, in pooled memory that goes back on
/// <see cref="Dispose"/>. Not for use by several threads while it is written to.
/// </summary>
public sealed class RgbImage : IDisposable
{
    // Loops over pixels load and store four bytes where three are meant; the last pixel needs the fourth to be ours too.
    private const int Slack = 4;

    /// <summary>The most pixels an image can have: its bytes are one array.</summary>
    internal static readonly long MaxPixels = (Array.MaxLength - Slack) / 3;

    // Not the shared pool: that keeps an array of each size for every thread that ever gave one back. Larger images are left to the collector.
    private static readonly ArrayPool<byte> Pool = ArrayPool<byte>.Create(maxArrayLength: 16 << 20, maxArraysPerBucket: 2 * Environment.ProcessorCount);

    private byte[]? _memory;

    /// <summary>An image whose pixels are whatever was in memory before.</summary>
    /// <param name="width">Pixels, at least 1.</param>
    /// <param name="height">Pixels, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive, or the pixels exceed 2 GB.</exception>
    public RgbImage(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * height, MaxPixels, nameof(height));
        Width = width;
        Height = height;
        _memory = Pool.Rent(3 * width * height + Slack);
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Bytes of a row.</summary>
    public int Stride => 3 * Width;

    /// <summary>The bytes: red, green, blue of the first pixel of the first row, and so on; <c>3 * Width * Height</c> of them.</summary>
    /// <exception cref="ObjectDisposedException">The image was disposed.</exception>
    public Span<byte> Pixels => Memory.AsSpan(0, Stride * Height);

    /// <summary>The bytes, and after the last at least one more that may be read and written.</summary>
    internal Span<byte> PixelsWithSlack => Memory.AsSpan(0, Stride * Height + Slack);

    private byte[] Memory => _memory ?? throw new ObjectDisposedException(nameof(RgbImage));

    /// <summary>An image with these pixels.</summary>
    /// <param name="rgb"><c>3 * width * height</c> bytes, RGB interleaved.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    public static RgbImage From(ReadOnlySpan<byte> rgb, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgb.Length, 3L * width * height, nameof(rgb));
        var image = new RgbImage(width, height);
        rgb.CopyTo(image.Pixels);
        return image;
    }

    /// <summary>Returns the memory to the pool.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _memory, null) is { } returned)
        {
            Pool.Return(returned);
        }
    }
}
