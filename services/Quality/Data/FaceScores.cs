using FaceCloud.Contracts.Faces;

namespace FaceCloud.Quality.Data;

/// <summary>An assessed face.</summary>
internal sealed class FaceScores
{
    /// <summary>Its UUID.</summary>
    public Guid Face { get; init; }

    /// <summary>The UUID of its photo's album; null for one that is in none.</summary>
    public Guid? Album { get; init; }

    /// <summary>0 (blurred) to 1 (sharp).</summary>
    public float BlurScore { get; init; }

    /// <summary>Mean luminance, 0 to 1.</summary>
    public float BrightnessScore { get; init; }

    /// <summary>The part that is neither crushed to black nor burnt out, 0 to 1.</summary>
    public float ExposureScore { get; init; }

    /// <summary>The detector's score, 0 to 1.</summary>
    public float Confidence { get; init; }

    /// <summary>Of the scores, by the dialect's formula; kept to sort by.</summary>
    public double OverallQuality { get; init; }

    /// <summary>Height of its box in pixels of its image.</summary>
    public float FaceSize { get; init; }

    /// <summary>Degrees; null, as the other two, where the landmarks show no pose.</summary>
    public float? Yaw { get; init; }

    /// <summary>Degrees.</summary>
    public float? Pitch { get; init; }

    /// <summary>Degrees.</summary>
    public float? Roll { get; init; }

    /// <summary>What looks covered.</summary>
    public Occlusion Occlusion { get; init; }
}
