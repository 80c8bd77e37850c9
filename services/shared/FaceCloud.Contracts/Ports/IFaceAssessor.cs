using FaceCloud.Contracts.Faces;

namespace FaceCloud.Contracts.Ports;

/// <summary>Measures how good faces are.</summary>
public interface IFaceAssessor
{
    /// <returns>One assessment for each face, in order.</returns>
    /// <exception cref="FailureException"><see cref="Failure.Unavailable"/>.</exception>
    Task<IReadOnlyList<FaceAssessment>> AssessAsync(IReadOnlyList<FaceToAssess> faces, CancellationToken cancellationToken);
}

/// <param name="Crop">Aligned. Its chip is of no use here.</param>
/// <param name="Box">Pixels of the image it was found in.</param>
/// <param name="Landmarks">Pixels of the same image.</param>
/// <param name="Confidence">The detector's score, 0 to 1.</param>
public sealed record FaceToAssess(FaceCrop Crop, FaceBox Box, Landmarks Landmarks, float Confidence)
{
    public static FaceToAssess Of(DetectedFace face) => new(face.Crop!, face.Box, face.Landmarks, face.Confidence);
}
