using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Quality.Data;
using FaceCloud.ServiceDefaults;

namespace FaceCloud.Quality;

/// <summary>The dialect's <c>FaceQualityResponse</c>, and what explains the grade.</summary>
/// <param name="FaceId">The face's UUID.</param>
/// <param name="PhotoId">The UUID of its photo; null for a face that was enrolled without one.</param>
/// <param name="BlurScore">0 (blurred) to 1 (sharp).</param>
/// <param name="BrightnessScore">Mean luminance, 0 to 1.</param>
/// <param name="ExposureScore">The part of the face that is neither crushed to black nor burnt out, 0 to 1.</param>
/// <param name="Confidence">The detector's score, 0 to 1.</param>
/// <param name="OverallQuality">0.4 of the first, 0.4 of the second and 0.2 of the last.</param>
/// <param name="QualityGrade"><c>A</c> to <c>D</c>, or <c>F</c>.</param>
/// <param name="Issues">What is wrong, in sentences; empty if nothing is.</param>
/// <param name="FaceSize">Height of the face in pixels of its image.</param>
/// <param name="Pose">Where the head is turned; null where the landmarks do not show it.</param>
/// <param name="OcclusionHints">What looks covered, in sentences; empty if nothing does. It changes no grade.</param>
/// <param name="ThumbnailUrl">A link to its picture that needs no token and ends after an hour; null where none is kept.</param>
internal sealed record FaceQualityBody(
    Guid FaceId, Guid? PhotoId, double BlurScore, double BrightnessScore, double ExposureScore, double Confidence, double OverallQuality,
    string QualityGrade, IReadOnlyList<string> Issues, int FaceSize, FaceQualityBody.Degrees? Pose, IReadOnlyList<string> OcclusionHints,
    string? ThumbnailUrl)
{
    public static FaceQualityBody Of(HttpRequest http, ListedFace face, FaceScores scores, bool strict = false)
    {
        var quality = new FaceQuality(scores.BlurScore, scores.BrightnessScore, scores.Confidence);
        return new FaceQualityBody(
            face.Face,
            face.Photo,
            quality.BlurScore,
            quality.BrightnessScore,
            Math.Round(scores.ExposureScore, 4),
            quality.Confidence,
            quality.Overall,
            quality.Grade,
            quality.Issues(strict),
            (int)MathF.Round(scores.FaceSize),
            scores is { Yaw: { } yaw, Pitch: { } pitch, Roll: { } roll } ? new Degrees(Math.Round(yaw, 1), Math.Round(pitch, 1), Math.Round(roll, 1)) : null,
            HintsOf(scores.Occlusion),
            face.Thumbnail is { } link ? PublicAddress.Of(http, link) : null);
    }

    private static string[] HintsOf(Occlusion occlusion) =>
    [
        .. occlusion.HasFlag(Occlusion.Eyes) ? (string[])["Eyes may be covered"] : [],
        .. occlusion.HasFlag(Occlusion.Mouth) ? (string[])["Mouth may be covered"] : [],
    ];

    /// <summary>Of the average face looking into the camera all three are 0.</summary>
    /// <param name="Yaw">Positive: towards the right of the image.</param>
    /// <param name="Pitch">Positive: up.</param>
    /// <param name="Roll">Positive: clockwise.</param>
    internal sealed record Degrees(double Yaw, double Pitch, double Roll);
}
