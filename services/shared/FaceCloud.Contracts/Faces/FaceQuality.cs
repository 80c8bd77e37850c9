namespace FaceCloud.Contracts.Faces;

/// <summary>
/// What the quality dialect makes of a face's scores: one number, a grade and what is wrong. All to four decimals, as clients see them, so that what
/// is shown and what is judged never differ.
/// </summary>
public sealed record FaceQuality
{
    /// <summary>The part of <see cref="BlurScore"/> in <see cref="Overall"/>.</summary>
    public const double BlurWeight = 0.4;

    /// <summary>The part of <see cref="BrightnessScore"/> in <see cref="Overall"/>.</summary>
    public const double BrightnessWeight = 0.4;

    /// <summary>The part of <see cref="Confidence"/> in <see cref="Overall"/>.</summary>
    public const double ConfidenceWeight = 0.2;

    private const int Decimals = 4;

    private static readonly Limits Normal = new(Blur: 0.5, Dark: 0.4, Bright: 0.9, Confidence: 0.7);
    private static readonly Limits Strict = new(Blur: 0.6, Dark: 0.5, Bright: 0.85, Confidence: 0.8);

    /// <param name="blurScore">0 (blurred) to 1 (sharp).</param>
    /// <param name="brightnessScore">Mean luminance, 0 (black) to 1 (white).</param>
    /// <param name="confidence">The detector's score, 0 to 1.</param>
    public FaceQuality(double blurScore, double brightnessScore, double confidence)
    {
        (BlurScore, BrightnessScore, Confidence) = (Round(blurScore), Round(brightnessScore), Round(confidence));
        Overall = Round((BlurScore * BlurWeight) + (BrightnessScore * BrightnessWeight) + (Confidence * ConfidenceWeight));
    }

    /// <summary>0 (blurred) to 1 (sharp).</summary>
    public double BlurScore { get; }

    /// <summary>Mean luminance, 0 (black) to 1 (white).</summary>
    public double BrightnessScore { get; }

    /// <summary>The detector's score, 0 to 1.</summary>
    public double Confidence { get; }

    /// <summary>The weighted sum of the three, 0 to 1.</summary>
    public double Overall { get; }

    /// <summary><c>A</c> (excellent) to <c>D</c> (poor), and <c>F</c> (fail).</summary>
    public string Grade => Overall switch { >= 0.85 => "A", >= 0.70 => "B", >= 0.55 => "C", >= 0.40 => "D", _ => "F" };

    /// <summary>What is wrong with the face, in the dialect's words; empty if nothing is.</summary>
    /// <param name="strict">By the stricter limits.</param>
    public IReadOnlyList<string> Issues(bool strict = false)
    {
        var limits = strict ? Strict : Normal;
        var issues = new List<string>();
        if (BlurScore < limits.Blur)
        {
            issues.Add("Image is blurry");
        }

        if (BrightnessScore < limits.Dark)
        {
            issues.Add("Poor lighting/exposure");
        }

        if (BrightnessScore > limits.Bright)
        {
            issues.Add("Overexposed");
        }

        if (Confidence < limits.Confidence)
        {
            issues.Add("Low detection confidence");
        }

        return issues;
    }

    private static double Round(double score) => Math.Round(score, Decimals);

    private sealed record Limits(double Blur, double Dark, double Bright, double Confidence);
}
