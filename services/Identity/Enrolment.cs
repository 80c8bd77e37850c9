using System.Globalization;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Files;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Photos;
using FaceCloud.Identity.Quality;
using Microsoft.Extensions.Options;
using FileOptions = FaceCloud.Files.FileOptions;

namespace FaceCloud.Identity;

/// <summary>
/// Adds a face of a named person to a gallery, for every dialect. The photo is not kept, but a portrait of the face: by the rule for all files it is
/// noted for deletion before it is written, and the note is taken back in the transaction that inserts the face.
/// </summary>
internal sealed class Enrolment(
    IFaceDetector detector, IFaceEmbedder embedder, FaceAssessing assessing, IFileStore files, FileRemovals removals, IdentityDb db, Ledger ledger,
    IOptions<FileOptions> options)
{
    /// <param name="request">Whom, where, and of which photo.</param>
    /// <param name="cancellationToken">Until the transaction is committed.</param>
    /// <exception cref="FailureException"><see cref="Failure.NoFace"/>, <see cref="Failure.InvalidRequest"/>, and those of the ports.</exception>
    public async Task<Enrolled> EnrolAsync(EnrolmentRequest request, CancellationToken cancellationToken)
    {
        var detection = await detector.DetectAsync(
            request.Image, new DetectionRequest(Crops: true, Within: request.Within, Portraits: true), cancellationToken);
        if (detection.Faces is not [var face, ..])
        {
            throw new FailureException(Failure.NoFace, request.Within is null ? "No face was found in the image." : "No face was found at the given box.");
        }

        if (request.Strict && detection.Faces.Count > 1)
        {
            throw new FailureException(Failure.InvalidRequest, $"The image shows {detection.Faces.Count} faces; strict enrolment needs exactly one.");
        }

        var (uuid, saved) = (Guid.CreateVersion7(), false);
        try
        {
            // The disk works while the network does.
            var embeddings = embedder.EmbedAsync([face.Crop!], cancellationToken);
            var assessments = assessing.TryAsync([face], cancellationToken);
            await Task.WhenAll(embeddings, assessments, StorePortraitAsync(uuid, face.Portrait, cancellationToken));
            var (person, row) = await SaveAsync(
                request, uuid, face, detection.Detector, await embeddings, (await assessments)[0], cancellationToken);
            saved = true;
            return new Enrolled(person.Now!, row, detection.Faces.Count);
        }
        finally
        {
            if (!saved && face.Portrait is not null)
            {
                await removals.DeleteNowAsync([FaceFiles.Portrait(uuid)]);
            }
        }
    }

    private async Task StorePortraitAsync(Guid face, FacePortrait? portrait, CancellationToken cancellationToken)
    {
        // A detection service of an earlier version makes none.
        if (portrait is not null)
        {
            await removals.NoteAsync(FaceFiles.Portrait(face), options.Value.UploadTimeout, cancellationToken);
            using var file = new MemoryStream(portrait.Jpeg.ToArray(), writable: false);
            await files.WriteAsync(FaceFiles.Portrait(face), file, cancellationToken);
        }
    }

    private async Task<(DecidedPerson Person, Face Face)> SaveAsync(
        EnrolmentRequest request, Guid uuid, DetectedFace face, string detectorName, Embeddings embeddings, FaceAssessment? assessment,
        CancellationToken cancellationToken)
    {
        var galleryId = await db.GalleryIdAsync(request.Gallery, cancellationToken);
        var row = FaceRow.Of(
            galleryId, face, detectorName, embeddings.Recogniser.Name, embeddings.Faces[0], metadata: request.Metadata, uuid: uuid,
            assessment: assessment);
        var (person, enrolled) = await ledger.DecideAsync(
            galleryId,
            new Origin(request.Dialect, LedgerAction.Enrol),
            async decision =>
            {
                db.Faces.Add(row);
                await db.SaveChangesAsync(cancellationToken);
                db.ChangeTracker.Clear();
                if (row.Portrait is not null && !await removals.KeepAsync([FaceFiles.Portrait(uuid)], cancellationToken))
                {
                    throw new FailureException(Failure.Busy, "The enrolment took too long and its portrait is deleted already; try again.");
                }

                var known = await decision.FindPersonAsync(request.Name) ?? await decision.CreateAsync(request.Name);
                var face = await decision.FaceAsync(row.Id);
                decision.Assign(face, known.Id, Assigner.Manual, null);
                return (known, face);
            },
            cancellationToken);
        row.EmbeddingIndex = enrolled.EmbeddingIndex;
        return (person, row);
    }
}

/// <param name="Dialect">Through which it came.</param>
/// <param name="Gallery">Made if it is new.</param>
/// <param name="Name">Checked already; a known name gets one more embedding.</param>
/// <param name="Image">The photo.</param>
/// <param name="Within">The face's box, or null for the largest face.</param>
/// <param name="Strict">Refuse a photo with several faces.</param>
/// <param name="Metadata">A JSON object to keep with the face.</param>
internal sealed record EnrolmentRequest(
    string Dialect, string Gallery, string Name, ReadOnlyMemory<byte> Image, FaceBox? Within = null, bool Strict = false, string? Metadata = null);

/// <param name="Person">Whom the face now belongs to.</param>
/// <param name="Face">The new face.</param>
/// <param name="FacesFound">How many faces the photo shows.</param>
internal sealed record Enrolled(PersonState Person, Face Face, int FacesFound)
{
    /// <summary>Tells the client how many faces it sent, of which one was enrolled.</summary>
    public void TellFacesFound(HttpResponse response) => response.Headers["X-Faces-Found"] = FacesFound.ToString(CultureInfo.InvariantCulture);
}
