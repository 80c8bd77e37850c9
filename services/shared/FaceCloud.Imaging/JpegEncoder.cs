using FaceCloud.Imaging.Native;

namespace FaceCloud.Imaging;

/// <summary>Writes JPEG files.</summary>
public static class JpegEncoder
{
    /// <summary>Encodes pixels, without metadata.</summary>
    /// <param name="rgb"><c>3 * width * height</c> bytes, RGB interleaved.</param>
    /// <param name="width">Pixels, 1 to 65535.</param>
    /// <param name="height">Pixels, 1 to 65535.</param>
    /// <param name="quality">1 to 100; from 90 on colour is kept at full resolution.</param>
    public static unsafe byte[] Encode(ReadOnlySpan<byte> rgb, int width, int height, int quality)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Math.Min(width, height), 1, nameof(width));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Math.Max(width, height), 65535, nameof(width));
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgb.Length, 3L * width * height, nameof(rgb));
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        fixed (byte* memory = rgb)
        {
            using var pixels = VipsImage.Over(memory, width, height, bands: 3);
            using var image = pixels.Apply("copy", "interpretation=srgb");
            return image.Save("jpegsave_buffer", $"Q={quality},keep=none");
        }
    }
}
