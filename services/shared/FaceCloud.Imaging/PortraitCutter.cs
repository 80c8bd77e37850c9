using FaceCloud.Contracts.Faces;

namespace FaceCloud.Imaging;

/// <summary>Cuts portraits out of a photo that is not kept.</summary>
public static class PortraitCutter
{
    // Heights of the face on each side: detectors want to see the whole head.
    private const float Surroundings = 0.5f;

    private const int MaxSide = 320;
    private const int Quality = 95;

    /// <summary>The surroundings of a face, as far as the image reaches; no larger than they were in it, and at most 320 pixels on the longer side.</summary>
    /// <param name="image">The decoded image.</param>
    /// <param name="box">The face, in pixels of the original.</param>
    public static FacePortrait Cut(DecodedImage image, FaceBox box)
    {
        var region = Region(image, box);

        // By the original and not by what was decoded of it: a small face stays as large as it was when it was found.
        var (originalWidth, originalHeight) = (region.Width / image.ScaleX, region.Height / image.ScaleY);
        var scale = Math.Min(1, MaxSide / Math.Max(originalWidth, originalHeight));
        using var portrait = new RgbImage(Math.Max(1, (int)MathF.Round(originalWidth * scale)), Math.Max(1, (int)MathF.Round(originalHeight * scale)));
        Resampler.Resize(image.Pixels, region, portrait);

        var (toX, toY) = ((float)portrait.Width / region.Width, (float)portrait.Height / region.Height);
        var place = new FaceBox(
            ((box.X * image.ScaleX) - region.X) * toX, ((box.Y * image.ScaleY) - region.Y) * toY,
            box.Width * image.ScaleX * toX, box.Height * image.ScaleY * toY);
        return new FacePortrait(
            JpegEncoder.Encode(portrait.Pixels, portrait.Width, portrait.Height, Quality), place.ClampTo(portrait.Width, portrait.Height));
    }

    private static PixelRegion Region(DecodedImage image, FaceBox box)
    {
        var margin = Surroundings * box.Height;
        var pixels = image.Pixels;
        var left = Math.Clamp((int)MathF.Floor((box.X - margin) * image.ScaleX), 0, pixels.Width - 1);
        var top = Math.Clamp((int)MathF.Floor((box.Y - margin) * image.ScaleY), 0, pixels.Height - 1);
        var right = Math.Clamp((int)MathF.Ceiling((box.Right + margin) * image.ScaleX), left + 1, pixels.Width);
        var bottom = Math.Clamp((int)MathF.Ceiling((box.Bottom + margin) * image.ScaleY), top + 1, pixels.Height);
        return new PixelRegion(left, top, right - left, bottom - top);
    }
}
