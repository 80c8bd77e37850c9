using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Frames;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.Contracts.Clients;

/// <summary>Crops to the embedding service; they are the payload.</summary>
public sealed record CropsFrame(int Count)
{
    public static Frame<CropsFrame> Of(IReadOnlyList<FaceCrop> crops) => new(new(crops.Count), CropPayload.Pack(crops));

    /// <exception cref="DamagedFrameException">Not that many crops.</exception>
    public static IReadOnlyList<FaceCrop> Read(Frame<CropsFrame> frame) => CropPayload.Unpack(frame.Payload, frame.Metadata.Count);
}

/// <summary>Their embeddings; the vectors are the payload.</summary>
public sealed record EmbeddingsFrame(Recogniser Recogniser, int Count)
{
    public static Frame<EmbeddingsFrame> Of(Embeddings embeddings) =>
        new(new(embeddings.Recogniser, embeddings.Faces.Count), VectorPayload.Pack(embeddings.Faces));

    /// <exception cref="DamagedFrameException">Not one vector for each of the crops.</exception>
    public static Embeddings Read(Frame<EmbeddingsFrame> frame, int crops) => frame.Metadata.Count == crops
        ? new(frame.Metadata.Recogniser, VectorPayload.Unpack(frame.Payload, crops))
        : throw new DamagedFrameException($"{crops} crops were sent, {frame.Metadata.Count} are answered.");
}
