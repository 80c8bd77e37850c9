using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.Identity.Tests;

/// <summary>A quality service that finds every face masked, and as sharp as its crop is bright.</summary>
internal sealed class FakeAssessor : IFaceAssessor
{
    /// <summary>It does not answer.</summary>
    public bool IsAway { get; set; }

    public static float ScoreOf(FaceCrop crop) => (float)crop.Rgb.ToArray().Average(value => value / 255.0);

    public Task<IReadOnlyList<FaceAssessment>> AssessAsync(IReadOnlyList<FaceToAssess> faces, CancellationToken cancellationToken) => IsAway
        ? throw new FailureException(Failure.Unavailable, "The quality service does not answer.")
        : Task.FromResult<IReadOnlyList<FaceAssessment>>(
            [.. faces.Select(face => new FaceAssessment(ScoreOf(face.Crop), 0.5f, 0.75f, face.Confidence, face.Box.Height, null, Occlusion.Mouth))]);
}
