using FaceCloud.Contracts.Faces;
using FaceCloud.Identity.Data;

namespace FaceCloud.Identity;

/// <summary>A detected and embedded face as it is stored.</summary>
internal static class FaceRow
{
    public static Face Of(
        long galleryId, DetectedFace face, string detector, string recogniser, FaceEmbedding embedding,
        long? personId = null, long? strangerId = null, long? embeddingIndex = null, string? metadata = null) => new()
        {
            GalleryId = galleryId,
            PersonId = personId,
            StrangerId = strangerId,
            EmbeddingIndex = embeddingIndex,
            Metadata = metadata,
            Box = face.Box,
            Landmarks = [.. face.Landmarks.ToArray().SelectMany(point => new[] { point.X, point.Y })],
            Confidence = face.Confidence,
            Detector = detector,
            Embeddings = { new Embedding { Recogniser = recogniser, Vector = embedding.Vector.ToArray() } },
        };
}
