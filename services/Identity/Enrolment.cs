using System.Globalization;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity;

/// <summary>Adds a face of a named person to a gallery, for every dialect.</summary>
internal sealed class Enrolment(IFaceDetector detector, IFaceEmbedder embedder, IdentityDb db, IndexSync indexSync)
{
    /// <param name="request">Whom, where, and of which photo.</param>
    /// <param name="cancellationToken">Until the transaction is committed.</param>
    /// <exception cref="FailureException"><see cref="Failure.NoFace"/>, <see cref="Failure.InvalidRequest"/>, and those of the ports.</exception>
    public async Task<Enrolled> EnrolAsync(EnrolmentRequest request, CancellationToken cancellationToken)
    {
        var detection = await detector.DetectAsync(request.Image, new DetectionRequest(Crops: true, Within: request.Within), cancellationToken);
        if (detection.Faces is not [var face, ..])
        {
            throw new FailureException(Failure.NoFace, request.Within is null ? "No face was found in the image." : "No face was found at the given box.");
        }

        if (request.Strict && detection.Faces.Count > 1)
        {
            throw new FailureException(Failure.InvalidRequest, $"The image shows {detection.Faces.Count} faces; strict enrolment needs exactly one.");
        }

        var embeddings = await embedder.EmbedAsync([face.Crop!], cancellationToken);
        var (person, row) = await SaveAsync(request, face, detection.Detector, embeddings, cancellationToken);
        await indexSync.FollowAsync([row.Id]);
        return new Enrolled(person, row, detection.Faces.Count);
    }

    private async Task<(Person Person, Face Face)> SaveAsync(
        EnrolmentRequest request, DetectedFace face, string detectorName, Embeddings embeddings, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.GalleryIdAsync(request.Gallery, cancellationToken);

        // Taking the next index locks the gallery's row until the commit: no index is given twice, none is skipped by a crash.
        var gallery = (await db.Database.SqlQuery<TakenIndex>(
            $"""
             UPDATE identity.galleries SET next_embedding_index = next_embedding_index + 1 WHERE name = {request.Gallery}
             RETURNING id AS "GalleryId", next_embedding_index - 1 AS "EmbeddingIndex"
             """).ToListAsync(cancellationToken))[0];

        // An upsert that touches the row: a removal of the same person under way is waited for.
        var alias = PersonName.Alias(request.Name, DateTimeOffset.UtcNow);
        var person = (await db.People.FromSql(
            $"""
             INSERT INTO identity.people (uuid, gallery_id, name, alias) VALUES ({Guid.CreateVersion7()}, {gallery.GalleryId}, {request.Name}, {alias})
             ON CONFLICT (gallery_id, name) DO UPDATE SET name = excluded.name RETURNING *
             """).AsNoTracking().ToListAsync(cancellationToken))[0];
        var row = FaceRow.Of(
            gallery.GalleryId, face, detectorName, embeddings.Recogniser.Name, embeddings.Faces[0],
            personId: person.Id, embeddingIndex: gallery.EmbeddingIndex, metadata: request.Metadata);
        db.Faces.Add(row);
        await db.SaveChangesAsync(cancellationToken);
        await indexSync.NoteAsync([row.Id], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (person, row);
    }

    private sealed record TakenIndex(long GalleryId, long EmbeddingIndex);
}

/// <param name="Gallery">Made if it is new.</param>
/// <param name="Name">Checked already; a known name gets one more embedding.</param>
/// <param name="Image">The photo.</param>
/// <param name="Within">The face's box, or null for the largest face.</param>
/// <param name="Strict">Refuse a photo with several faces.</param>
/// <param name="Metadata">A JSON object to keep with the face.</param>
internal sealed record EnrolmentRequest(
    string Gallery, string Name, ReadOnlyMemory<byte> Image, FaceBox? Within = null, bool Strict = false, string? Metadata = null);

/// <param name="Person">Whom the face now belongs to.</param>
/// <param name="Face">The new face.</param>
/// <param name="FacesFound">How many faces the photo shows.</param>
internal sealed record Enrolled(Person Person, Face Face, int FacesFound)
{
    /// <summary>Tells the client how many faces it sent, of which one was enrolled.</summary>
    public void TellFacesFound(HttpResponse response) => response.Headers["X-Faces-Found"] = FacesFound.ToString(CultureInfo.InvariantCulture);
}
