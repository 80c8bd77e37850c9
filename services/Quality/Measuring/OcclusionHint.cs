using FaceCloud.Contracts.Faces;

namespace FaceCloud.Quality.Measuring;

/// <summary>
/// Whether mouth or eyes look covered in an aligned crop, where every face has them in the same places. A hint, from what masks and dark glasses
/// change; where the limits come from, and how often they err: docs/decisions/face-quality.md.
/// </summary>
internal static class OcclusionHint
{
    // Pixels of the height of the box; smaller faces were enlarged to the crop, and their lines are blurred ones.
    private const float SmallestFace = 80;

    // The line of the lips against the lines of the eyes; 1.07 is the median of portraits.
    private const float FaintMouth = 0.4f;

    // Distance in the plane of Cb and Cr, of 255; the median is 5.
    private const float AnotherColour = 22;

    // How much brighter the skin about the eyes is than the brightest quarter of the eye; 1.05 is the median.
    private const float DarkEyes = 1.8f;

    // What keeps ratios of next to nothing from saying something.
    private const float LineNoise = 2;
    private const float LuminanceNoise = 10;

    // About the landmarks of FaceAligner.ArcFaceTemplate. Left and right are those of the image.
    private static readonly Region LeftEye = new(30, 46, 46, 60);
    private static readonly Region RightEye = new(66, 46, 82, 60);
    private static readonly Region LeftCheek = new(30, 62, 46, 72);
    private static readonly Region RightCheek = new(66, 62, 82, 72);
    private static readonly Region NoseBridge = new(52, 48, 60, 64);
    private static readonly Region Nose = new(40, 56, 72, 68);
    private static readonly Region Lips = new(42, 84, 70, 100);
    private static readonly Region MouthAndChin = new(38, 82, 74, 108);

    /// <param name="rgb">The crop.</param>
    /// <param name="luminance">Of the same crop, 0 to 255.</param>
    /// <param name="faceSize">Height of the face in pixels of its image.</param>
    public static Occlusion Of(ReadOnlySpan<byte> rgb, ReadOnlySpan<float> luminance, float faceSize)
    {
        if (faceSize < SmallestFace)
        {
            return Occlusion.None;
        }

        var mouth = MouthIsCovered(rgb, luminance) ? Occlusion.Mouth : Occlusion.None;
        var eyes = EyesAreCovered(rgb, luminance) ? Occlusion.Eyes : Occlusion.None;
        return mouth | eyes;
    }

    /// <summary>A mask shows no line of the lips, or is of another colour than the nose.</summary>
    private static bool MouthIsCovered(ReadOnlySpan<byte> rgb, ReadOnlySpan<float> luminance)
    {
        var eyes = (StrongestLine(luminance, LeftEye) + StrongestLine(luminance, RightEye)) / 2;
        return StrongestLine(luminance, Lips) < FaintMouth * (eyes + LineNoise)
            || MeanColour(rgb, MouthAndChin).ChromaDistance(MeanColour(rgb, Nose)) > AnotherColour;
    }

    /// <summary>Dark glasses leave nothing bright of both eyes, between a bridge and cheeks that are.</summary>
    private static bool EyesAreCovered(ReadOnlySpan<byte> rgb, ReadOnlySpan<float> luminance)
    {
        var cheeks = Math.Min(MeanColour(rgb, LeftCheek).Luminance, MeanColour(rgb, RightCheek).Luminance);
        var skin = Math.Min(MeanColour(rgb, NoseBridge).Luminance, cheeks);
        var eyes = Math.Max(UpperQuartile(luminance, LeftEye), UpperQuartile(luminance, RightEye));
        return skin + LuminanceNoise > DarkEyes * (eyes + LuminanceNoise);
    }

    /// <summary>Of the rows: how much the luminance changes from the row above to the row below, on the average of the row.</summary>
    private static float StrongestLine(ReadOnlySpan<float> luminance, Region region)
    {
        var strongest = 0f;
        for (var y = region.Top; y < region.Bottom; y++)
        {
            var sum = 0f;
            for (var x = region.Left; x < region.Right; x++)
            {
                sum += Math.Abs(luminance[((y + 1) * FaceCrop.Side) + x] - luminance[((y - 1) * FaceCrop.Side) + x]);
            }

            strongest = Math.Max(strongest, sum / region.Width);
        }

        return strongest;
    }

    private static float UpperQuartile(ReadOnlySpan<float> luminance, Region region)
    {
        var values = new float[region.Pixels];
        for (var y = region.Top; y < region.Bottom; y++)
        {
            luminance.Slice((y * FaceCrop.Side) + region.Left, region.Width).CopyTo(values.AsSpan((y - region.Top) * region.Width));
        }

        Array.Sort(values);
        return values[values.Length * 3 / 4];
    }

    private static Colour MeanColour(ReadOnlySpan<byte> rgb, Region region)
    {
        var (red, green, blue) = (0, 0, 0);
        for (var y = region.Top; y < region.Bottom; y++)
        {
            for (var x = region.Left; x < region.Right; x++)
            {
                var pixel = rgb.Slice(3 * ((y * FaceCrop.Side) + x), 3);
                (red, green, blue) = (red + pixel[0], green + pixel[1], blue + pixel[2]);
            }
        }

        return new Colour((float)red / region.Pixels, (float)green / region.Pixels, (float)blue / region.Pixels);
    }

    /// <summary>A rectangle of the crop, without its right and bottom edges.</summary>
    private readonly record struct Region(int Left, int Top, int Right, int Bottom)
    {
        public int Width => Right - Left;

        public int Pixels => Width * (Bottom - Top);
    }

    /// <summary>Channels from 0 to 255; its luminance and chroma are those of JPEG (Rec. 601).</summary>
    private readonly record struct Colour(float Red, float Green, float Blue)
    {
        public float Luminance => (0.299f * Red) + (0.587f * Green) + (0.114f * Blue);

        private float Cb => (Blue - Luminance) * 0.564f;

        private float Cr => (Red - Luminance) * 0.713f;

        public float ChromaDistance(Colour other) => float.Hypot(Cb - other.Cb, Cr - other.Cr);
    }
}
