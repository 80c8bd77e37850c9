using FaceCloud.Contracts.Faces;

namespace FaceCloud.Imaging;

/// <summary>An image file's pixels, upright, and perhaps smaller than the file says: what is found in them is told in pixels of the original.</summary>
/// <param name="pixels">The pixels; disposed with this object.</param>
/// <param name="width">Pixels of the original, after EXIF correction.</param>
/// <param name="height">Pixels of the original, after EXIF correction.</param>
/// <param name="takenAt">When the photo was taken, see <see cref="TakenAt"/>.</param>
public sealed class DecodedImage(RgbImage pixels, int width, int height, DateTime? takenAt = null) : IDisposable
{
    /// <summary>The pixels as decoded.</summary>
    public RgbImage Pixels { get; } = pixels;

    /// <summary>Width of the original in pixels, after EXIF correction.</summary>
    public int Width { get; } = width;

    /// <summary>Height of the original in pixels, after EXIF correction.</summary>
    public int Height { get; } = height;

    /// <summary>When the photo was taken: UTC where the file names its zone, else the camera's clock; null where it names no date.</summary>
    public DateTime? TakenAt { get; } = takenAt;

    /// <summary>Decoded pixels per pixel of the original, horizontally: at most 1.</summary>
    public float ScaleX { get; } = (float)pixels.Width / width;

    /// <summary>Decoded pixels per pixel of the original, vertically: at most 1.</summary>
    public float ScaleY { get; } = (float)pixels.Height / height;

    /// <summary>A point of the original in decoded pixels.</summary>
    public FacePoint ToDecoded(FacePoint point) => new(point.X * ScaleX, point.Y * ScaleY);

    /// <summary>Returns the pixels' memory.</summary>
    public void Dispose() => Pixels.Dispose();
}
