using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Frames;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.Contracts.Clients;

/// <summary>Faces to the quality service; their crops are the payload.</summary>
public sealed record FacesToAssessFrame(IReadOnlyList<FacesToAssessFrame.Facts> Faces)
{
    public static Frame<FacesToAssessFrame> Of(IReadOnlyList<FaceToAssess> faces) => new(
        new([.. faces.Select(face => new Facts(face.Box, face.Landmarks, face.Confidence))]),
        CropPayload.Pack([.. faces.Select(face => face.Crop with { Chip = null })]));

    /// <exception cref="DamagedFrameException">Not one crop for each face.</exception>
    public static IReadOnlyList<FaceToAssess> Read(Frame<FacesToAssessFrame> frame)
    {
        var faces = frame.Metadata.Faces;
        return [.. CropPayload.Unpack(frame.Payload, faces.Count)
            .Zip(faces, (crop, face) => new FaceToAssess(crop, face.Box, face.Landmarks, face.Confidence))];
    }

    /// <summary>A face without its crop.</summary>
    public sealed record Facts(FaceBox Box, Landmarks Landmarks, float Confidence);
}

/// <summary>One for each face.</summary>
public sealed record AssessmentsFrame(IReadOnlyList<FaceAssessment> Faces)
{
    /// <exception cref="DamagedFrameException">Not that many.</exception>
    public static IReadOnlyList<FaceAssessment> Read(Frame<AssessmentsFrame> frame, int faces) => frame.Metadata.Faces.Count == faces
        ? frame.Metadata.Faces
        : throw new DamagedFrameException($"{faces} faces were sent, {frame.Metadata.Faces.Count} are answered.");
}
