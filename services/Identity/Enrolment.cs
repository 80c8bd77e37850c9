using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity;

/// <summary>Adds a face of a named person to a gallery, for every dialect.</summary>
internal sealed class Enrolment(IFaceDetector detector, IFaceEmbedder embedder, IdentityDb db, IndexSync indexSync)
{
    /// <param name="gallery">Made if it is new.</param>
    /// <param name="name">Checked already; a known name gets one more embedding.</param>
    /// <param name="image">The photo.</param>
    /// <param name="within">The face's box, or null for the largest face.</param>
    /// <param name="strict">Refuse a photo with several faces.</param>
    /// <param name="cancellationToken">Until the transaction starts.</param>
    /// <exception cref="FailureException"><see cref="Failure.NoFace"/>, <see cref="Failure.InvalidRequest"/>, and those of the ports.</exception>
    public async Task<Enrolled> EnrolAsync(
        string gallery, string name, ReadOnlyMemory<byte> image, FaceBox? within, bool strict, CancellationToken cancellationToken)
    {
        var detection = await detector.DetectAsync(image, new DetectionRequest(Crops: true, Within: within), cancellationToken);
        if (detection.Faces is not [var face, ..])
        {
            throw new FailureException(Failure.NoFace, within is null ? "No face was found in the image." : "No face was found at the given box.");
        }

        if (strict && detection.Faces.Count > 1)
        {
            throw new FailureException(Failure.InvalidRequest, $"The image shows {detection.Faces.Count} faces; strict enrolment needs exactly one.");
        }

        var embeddings = await embedder.EmbedAsync([face.Crop!], cancellationToken);
        var (personId, faceId) = await SaveAsync(gallery, name, face, detection.Detector, embeddings, cancellationToken);
        await indexSync.FollowAsync([faceId]);
        return new Enrolled(personId, faceId, detection.Faces.Count);
    }

    private async Task<(long PersonId, long FaceId)> SaveAsync(
        string gallery, string name, DetectedFace face, string detectorName, Embeddings embeddings, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // Upserts that touch the row: two first enrolments of one name meet here, and a removal under way is waited for.
        var galleryId = await SingleAsync(
            $"""
             INSERT INTO identity.galleries (name) VALUES ({gallery})
             ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id AS "Value"
             """,
            cancellationToken);
        var personId = await SingleAsync(
            $"""
             INSERT INTO identity.people (uuid, gallery_id, name) VALUES ({Guid.CreateVersion7()}, {galleryId}, {name})
             ON CONFLICT (gallery_id, name) DO UPDATE SET name = excluded.name RETURNING id AS "Value"
             """,
            cancellationToken);
        var row = new Face
        {
            GalleryId = galleryId,
            PersonId = personId,
            Box = face.Box,
            Landmarks = [.. face.Landmarks.ToArray().SelectMany(point => new[] { point.X, point.Y })],
            Confidence = face.Confidence,
            Detector = detectorName,
            Embeddings = { new Embedding { Recogniser = embeddings.Recogniser.Name, Vector = embeddings.Faces[0].Vector.ToArray() } },
        };
        db.Faces.Add(row);
        await db.SaveChangesAsync(cancellationToken);
        await indexSync.NoteAsync([row.Id], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (personId, row.Id);
    }

    private async Task<long> SingleAsync(FormattableString sql, CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<long>(sql).ToListAsync(cancellationToken))[0];
}

/// <param name="PersonId">Whom the face now belongs to.</param>
/// <param name="FaceId">The new face.</param>
/// <param name="FacesFound">How many faces the photo shows.</param>
internal sealed record Enrolled(long PersonId, long FaceId, int FacesFound);
