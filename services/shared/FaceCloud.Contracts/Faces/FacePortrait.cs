namespace FaceCloud.Contracts.Faces;

/// <summary>A face and what is around it, as a small file: enough to show the face, and to find it again with another network.</summary>
/// <param name="Jpeg">The file.</param>
/// <param name="Box">The face, in pixels of the file.</param>
public sealed record FacePortrait(ReadOnlyMemory<byte> Jpeg, FaceBox Box);
