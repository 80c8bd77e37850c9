namespace FaceCloud.Contracts.Faces;

/// <summary>
/// Reads a recogniser's cosine c as a similarity s = 1 / (1 + exp(-K (c - C0))) that means the same for every recogniser:
/// s = 0.5 where one comparison of strangers in 10^4 scores higher (false-match rate, FMR, 1e-4), s = 0.9 where one in 10^7 does.
/// </summary>
/// <param name="C0">The cosine at FMR 1e-4.</param>
/// <param name="K">Steepness, per unit of cosine.</param>
public sealed record Calibration(double C0, double K)
{
    // s = 0.9 is three decades of FMR beyond s = 0.5, and logit(0.9) = ln 9.
    private static readonly double LogitPerDecade = Math.Log(9) / 3;

    /// <summary>The similarity, 0 to 1, of a cosine.</summary>
    public double Similarity(double cosine) => 1 / (1 + Math.Exp(-K * (cosine - C0)));

    /// <summary>The cosine whose similarity this is; plus or minus infinity at 1 and 0.</summary>
    public double Cosine(double similarity) => C0 + Math.Log(similarity / (1 - similarity)) / K;

    /// <summary>The similarity that strangers exceed at the given false-match rate (a straight line of cosine against log10 FMR).</summary>
    public static double SimilarityAtFalseMatchRate(double rate) => 1 / (1 + Math.Exp(-LogitPerDecade * (-Math.Log10(rate) - 4)));
}
