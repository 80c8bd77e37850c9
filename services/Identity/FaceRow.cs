using FaceCloud.Contracts.Faces;
using FaceCloud.Identity.Data;

namespace FaceCloud.Identity;

/// <summary>A detected and embedded face as it is stored.</summary>
internal static class FaceRow
{
    public static Face Of(
        long galleryId, DetectedFace face, string detector, string recogniser, FaceEmbedding embedding,
        long? personId = null, long? strangerId = null, long? embeddingIndex = null, string? metadata = null,
        long? photoId = null, int? ordinal = null, DateTime? seenAt = null, Guid? uuid = null, FaceAssessment? assessment = null) => new()
        {
            Uuid = uuid ?? Guid.CreateVersion7(),
            GalleryId = galleryId,
            PhotoId = photoId,
            Ordinal = ordinal,
            PersonId = personId,
            StrangerId = strangerId,
            EmbeddingIndex = embeddingIndex,
            Metadata = metadata,
            Box = face.Box,
            Portrait = face.Portrait?.Box,
            Landmarks = [.. face.Landmarks.ToArray().SelectMany(point => new[] { point.X, point.Y })],
            Confidence = face.Confidence,
            Detector = detector,
            Age = face.Attributes?.Age,
            Gender = face.Attributes?.Gender,
            GenderConfidence = face.Attributes?.GenderConfidence,
            BlurScore = assessment?.BlurScore,
            BrightnessScore = assessment?.BrightnessScore,
            ExposureScore = assessment?.ExposureScore,
            Occlusion = assessment?.Occlusion ?? Occlusion.None,
            AssessedAt = assessment is null ? null : DateTime.UtcNow,
            SeenAt = seenAt.GetValueOrDefault(), // none: the database's clock
            Embeddings = { new Embedding { Recogniser = recogniser, Vector = embedding.Vector.ToArray() } },
        };

    /// <summary>Makes a row say what was found now of the same face. What was decided about it stays.</summary>
    /// <param name="row">With its embeddings.</param>
    /// <param name="face">As it was found.</param>
    /// <param name="detector">By which network.</param>
    /// <param name="recogniser">By which network it was embedded; what others said goes.</param>
    /// <param name="embedding">Of <paramref name="face"/>.</param>
    /// <param name="ordinal">On its photo.</param>
    /// <param name="assessment">Null: it is assessed later.</param>
    /// <returns>Whether the vector is another one now.</returns>
    public static bool Renew(
        Face row, DetectedFace face, string detector, string recogniser, FaceEmbedding embedding, int ordinal, FaceAssessment? assessment)
    {
        var now = Of(row.GalleryId, face, detector, recogniser, embedding, assessment: assessment);
        (row.Ordinal, row.Box, row.Landmarks, row.Confidence, row.Detector) = (ordinal, now.Box, now.Landmarks, now.Confidence, now.Detector);
        (row.Age, row.Gender, row.GenderConfidence) = (now.Age, now.Gender, now.GenderConfidence);
        (row.BlurScore, row.BrightnessScore, row.ExposureScore) = (now.BlurScore, now.BrightnessScore, now.ExposureScore);
        (row.Occlusion, row.AssessedAt) = (now.Occlusion, now.AssessedAt);
        if (row.Embeddings is [{ LeftBehind: false } only] && only.Recogniser == recogniser && only.Vector.SequenceEqual(now.Embeddings[0].Vector))
        {
            return false;
        }

        row.Embeddings.RemoveAll(other => other.Recogniser != recogniser);
        if (row.Embeddings is [var known])
        {
            (known.Vector, known.LeftBehind, known.LinkedFrom) = (now.Embeddings[0].Vector, false, null);
        }
        else
        {
            row.Embeddings.Add(now.Embeddings[0]);
        }

        row.RecognisedAt = null; // as it is now it was compared with nobody
        return true;
    }

    /// <summary>Its five points.</summary>
    public static Landmarks Landmarks(Face face) =>
        Contracts.Faces.Landmarks.From([.. face.Landmarks.Chunk(2).Select(point => new FacePoint(point[0], point[1]))]);
}
