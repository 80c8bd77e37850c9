using FaceCloud.Contracts.Faces;

namespace FaceCloud.Quality.Measuring;

/// <summary>What is measured on an aligned crop.</summary>
/// <param name="BlurScore">0 (blurred) to 1 (sharp).</param>
/// <param name="BrightnessScore">Mean luminance, 0 to 1.</param>
/// <param name="ExposureScore">The part of the pixels that are neither crushed nor burnt out, 0 to 1.</param>
internal readonly record struct CropMeasures(float BlurScore, float BrightnessScore, float ExposureScore)
{
    private const int Side = FaceCrop.Side;

    // Luminance of 255 from and up to which a pixel counts as without any drawing left in it.
    private const float Black = 5;
    private const float White = 250;

    // The variance of the Laplacian that is neither sharp nor blurred, and how fast it becomes one of them. Where both come from:
    // docs/decisions/face-quality.md.
    private const double Midpoint = 100;
    private const double Steepness = 3;

    /// <param name="luminance">Of the crop, by <see cref="LuminanceOf"/>.</param>
    public static CropMeasures Of(ReadOnlySpan<float> luminance)
    {
        var (sum, lost) = (0.0, 0);
        foreach (var y in luminance)
        {
            sum += y;
            lost += y is <= Black or >= White ? 1 : 0;
        }

        return new CropMeasures(
            BlurOf(LaplacianVariance(luminance)), (float)(sum / luminance.Length / 255), 1 - ((float)lost / luminance.Length));
    }

    /// <returns>Of each pixel, 0 to 255: Rec. 601, as JPEG and OpenCV have it.</returns>
    public static float[] LuminanceOf(ReadOnlySpan<byte> rgb)
    {
        var luminance = new float[Side * Side];
        for (var i = 0; i < luminance.Length; i++)
        {
            luminance[i] = (0.299f * rgb[3 * i]) + (0.587f * rgb[(3 * i) + 1]) + (0.114f * rgb[(3 * i) + 2]);
        }

        return luminance;
    }

    /// <summary>0 for a variance of 0, 0.1 at 48, 0.5 at 100, 0.9 at 208, towards 1 without end.</summary>
    internal static float BlurOf(double variance) => (float)(1 / (1 + Math.Pow(Midpoint / variance, Steepness)));

    /// <summary>Of the sum of the four neighbours less four times the pixel, over all that have four.</summary>
    /// <remarks>Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy: a comparative study", ICPR 2000.</remarks>
    internal static double LaplacianVariance(ReadOnlySpan<float> luminance)
    {
        double sum = 0, squares = 0;
        for (var y = 1; y < Side - 1; y++)
        {
            var above = luminance[((y - 1) * Side)..];
            var row = luminance[(y * Side)..];
            var below = luminance[((y + 1) * Side)..];
            for (var x = 1; x < Side - 1; x++)
            {
                var laplacian = above[x] + below[x] + row[x - 1] + row[x + 1] - (4 * row[x]);
                sum += laplacian;
                squares += laplacian * laplacian;
            }
        }

        const int Count = (Side - 2) * (Side - 2);
        var mean = sum / Count;
        return Math.Max(0, (squares / Count) - (mean * mean));
    }
}
