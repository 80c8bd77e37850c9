using System.ComponentModel.DataAnnotations;

namespace FaceCloud.Identity;

/// <summary>How likeness is spoken of; section <c>Scores</c>.</summary>
public sealed class ScoreOptions
{
    /// <summary>Calibrated similarity (the default) or the recogniser's raw cosine, in every dialect.</summary>
    public ScoreMode Mode { get; set; } = ScoreMode.Calibrated;

    /// <summary>
    /// How many strangers out of one may be named by chance, however large the gallery: where a request names no threshold, the one applied is at
    /// least the similarity at the false-match rate StrangerGuard / enrolled embeddings. 0 turns it off.
    /// </summary>
    [Range(0.0, 1.0)]
    public double StrangerGuard { get; set; } = 0.01;
}

public enum ScoreMode
{
    Calibrated,
    Raw,
}
