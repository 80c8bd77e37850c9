namespace FaceCloud.Contracts.Faces;

/// <summary>A rectangle in pixels of the EXIF-corrected image; fractions are kept until it is shown.</summary>
public readonly record struct FaceBox(float X, float Y, float Width, float Height)
{
    public float Area => Math.Max(0, Width) * Math.Max(0, Height);

    public float Right => X + Width;

    public float Bottom => Y + Height;

    /// <summary>Intersection over union, 0 (apart) to 1 (the same).</summary>
    public float IntersectionOverUnion(in FaceBox other)
    {
        var width = Math.Min(Right, other.Right) - Math.Max(X, other.X);
        var height = Math.Min(Bottom, other.Bottom) - Math.Max(Y, other.Y);
        if (width <= 0 || height <= 0)
        {
            return 0;
        }

        var intersection = width * height;
        return intersection / (Area + other.Area - intersection);
    }

    /// <summary>The part of the box inside an image of the given size.</summary>
    public FaceBox ClampTo(int imageWidth, int imageHeight)
    {
        var left = Math.Clamp(X, 0, imageWidth);
        var top = Math.Clamp(Y, 0, imageHeight);
        return new FaceBox(left, top, Math.Clamp(Right, 0, imageWidth) - left, Math.Clamp(Bottom, 0, imageHeight) - top);
    }

    /// <summary>Whole pixels: edges rounded, then <c>[x, y, width, height]</c>.</summary>
    public (int X, int Y, int Width, int Height) ToPixels()
    {
        var (left, top) = ((int)MathF.Round(X), (int)MathF.Round(Y));
        return (left, top, (int)MathF.Round(Right) - left, (int)MathF.Round(Bottom) - top);
    }
}
