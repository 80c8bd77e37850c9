using FaceCloud.Contracts.Faces;
using Microsoft.Extensions.Options;

namespace FaceCloud.Identity;

/// <summary>Reads cosines as the scores clients see, and decides from which score on a face is somebody.</summary>
internal sealed class Scores(IOptions<ScoreOptions> options)
{
    /// <summary>The score of a cosine, in the configured mode.</summary>
    public double Of(double cosine, Calibration calibration) =>
        options.Value.Mode == ScoreMode.Raw ? cosine : calibration.Similarity(cosine);

    /// <summary>The cosine of a score, in the configured mode.</summary>
    public double Cosine(double score, Calibration calibration) =>
        options.Value.Mode == ScoreMode.Raw ? score : calibration.Cosine(score);

    /// <summary>The threshold that applies: the client's as it is; otherwise the dialect's own, raised as the gallery grows.</summary>
    /// <param name="requested">The client's threshold, as a score; null if it named none.</param>
    /// <param name="documented">The dialect's documented default, a similarity.</param>
    /// <param name="enrolled">Embeddings a stranger is compared with.</param>
    /// <param name="calibration">Of the recogniser in use.</param>
    public double Threshold(double? requested, double documented, long enrolled, Calibration calibration)
    {
        if (requested is { } asked)
        {
            return asked;
        }

        var similarity = StrangerGuard.Threshold(documented, options.Value.StrangerGuard, enrolled);
        return options.Value.Mode == ScoreMode.Raw ? calibration.Cosine(similarity) : similarity;
    }
}
