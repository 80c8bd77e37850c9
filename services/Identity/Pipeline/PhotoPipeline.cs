using FaceCloud.Contracts;
using FaceCloud.Contracts.Events;
using FaceCloud.Files;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Groups;
using FaceCloud.Identity.Library;
using FaceCloud.Identity.Photos;
using FaceCloud.ServiceDefaults.Errors;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FaceCloud.Identity.Pipeline;

/// <summary>
/// The steps of a photo from its file to its people. The photo's status says which is due; a step does its work, then locks the photo's row and,
/// if it is due still, commits what it found together with the next status and the next event. So an event may come late, twice or in any
/// order, and a photo that is deleted meanwhile leaves nothing.
/// </summary>
internal sealed class PhotoPipeline(
    IdentityDb db, IFileStore files, FaceFinder finder, IndexSync indexSync, FaceLinking linking, AutoRecognition recognition, OutboxSignal signal,
    GroupSignal groupSignal, IOptions<AutoRecogniseOptions> options, ILogger<PhotoPipeline> logger)
{
    /// <summary>How often a photo may end the process before it is given up.</summary>
    internal const int MaxAttempts = 10;

    /// <summary>Stored: finds the faces.</summary>
    /// <param name="photoId">It may be gone.</param>
    /// <param name="isLastAttempt">Whether a failure without a known reason ends it.</param>
    /// <param name="cancellationToken">The photo stays as it is.</param>
    public Task DetectAsync(long photoId, bool isLastAttempt, CancellationToken cancellationToken) => StepAsync(photoId, isLastAttempt, async () =>
    {
        // Committed before the work, so that a photo whose decoding ends the process is counted.
        List<Photo> begun;
        await using (var counting = await db.Database.BeginRepeatableAsync(cancellationToken))
        {
            begun = await db.Photos.FromSql(
                $"UPDATE identity.photos SET attempts = attempts + 1 WHERE id = {photoId} AND status = {(int)PhotoStatus.Stored} RETURNING *")
                .AsNoTracking().ToListAsync(cancellationToken);
            await counting.CommitAsync(cancellationToken);
        }

        if (begun is not [var photo])
        {
            return;
        }

        if (photo.Attempts > MaxAttempts)
        {
            await FailAsync(photoId, $"Processing the photo ended the server {MaxAttempts} times; it was given up.");
            return;
        }

        try
        {
            await StoreFacesAsync(photo, await finder.FindAsync(photo, cancellationToken), cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException || Outage.MayPass(e))
        {
            await db.Database.ExecuteSqlAsync(
                $"UPDATE identity.photos SET attempts = attempts - 1 WHERE id = {photoId} AND status = {(int)PhotoStatus.Stored} AND attempts > 0",
                CancellationToken.None);
            throw;
        }
    });

    /// <summary>Detected: makes searches find the faces, and links them to those like them.</summary>
    /// <inheritdoc cref="DetectAsync"/>
    public Task IndexAsync(long photoId, bool isLastAttempt, CancellationToken cancellationToken) => StepAsync(photoId, isLastAttempt, async () =>
    {
        var faceIds = await db.Faces
            .Where(face => face.PhotoId == photoId && db.Photos.Any(photo => photo.Id == photoId && photo.Status == PhotoStatus.Detected))
            .OrderBy(face => face.Id).Select(face => face.Id).ToListAsync(cancellationToken);
        if (faceIds.Count > 0)
        {
            await indexSync.ApplyAsync(faceIds, cancellationToken);
        }

        await using (var transaction = await db.Database.BeginRepeatableAsync(cancellationToken))
        {
            if (await LockAsync(photoId, PhotoStatus.Detected, cancellationToken) is null)
            {
                return;
            }

            await linking.NoteAsync(faceIds, cancellationToken);
            db.Outbox.Add(Outbox.Message(new FacesIndexed(photoId), photoId));
            await db.SaveChangesAsync(cancellationToken);
            await SetStatusAsync(photoId, PhotoStatus.Indexed, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        groupSignal.Set();
    });

    /// <summary>Indexed: decides who the faces are.</summary>
    /// <inheritdoc cref="DetectAsync"/>
    public Task DecideAsync(long photoId, bool isLastAttempt, CancellationToken cancellationToken) => StepAsync(photoId, isLastAttempt, async () =>
    {
        if (options.Value.RecogniseOnUpload
            && await db.Photos.AsNoTracking().SingleOrDefaultAsync(
                photo => photo.Id == photoId && photo.Status == PhotoStatus.Indexed, cancellationToken) is { } due)
        {
            // Done twice it changes nothing more: a face that has a person is left alone.
            await recognition.RecognisePhotoAsync(due.GalleryId, photoId, cancellationToken);
        }

        await using var transaction = await db.Database.BeginRepeatableAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
             UPDATE identity.photos SET status = {(int)PhotoStatus.Processed}, changed_at = now()
             WHERE id = {photoId} AND status = {(int)PhotoStatus.Indexed}
             """,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    });

    /// <summary>A photo that was given up starts anew, because somebody sends its event again; any other is left as it is.</summary>
    /// <returns>Whether it was given up.</returns>
    public async Task<bool> ReviveAsync(long photoId, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var revived = await db.Database.ExecuteSqlAsync(
            $"""
             UPDATE identity.photos SET status = {(int)PhotoStatus.Stored}, reason = NULL, attempts = 0, changed_at = now(), published_at = NULL
             WHERE id = {photoId} AND status = {(int)PhotoStatus.Failed}
             """,
            cancellationToken);
        if (revived == 0)
        {
            return false;
        }

        db.Outbox.Add(Outbox.Message(new PhotoStored(photoId), photoId));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signal.Raise();
        return true;
    }

    private async Task StepAsync(long photoId, bool isLastAttempt, Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (FailureException e) when (e.Failure is not (Failure.Busy or Failure.Unavailable or Failure.Internal))
        {
            await FailAsync(photoId, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException && Outage.MayPass(e))
        {
            logger.LogWarning("Photo {PhotoId} waits for a service that is away or busy: {Reason}", photoId, e.Message);
            throw;
        }
        catch (Exception e) when (e is not OperationCanceledException && isLastAttempt)
        {
            // What went wrong is for the log, and for the dead letter that the event becomes where there is a broker; it may quote data.
            logger.LogError(e, "Photo {PhotoId} is given up", photoId);
            await FailAsync(photoId, "The photo could not be processed; the server's log says why.");
            throw;
        }

        signal.Raise();
    }

    private async Task StoreFacesAsync(Photo photo, FoundFaces found, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await LockAsync(photo.Id, PhotoStatus.Stored, cancellationToken) is null)
        {
            return;
        }

        // One that failed later on and was uploaded again has its faces, and somebody may have named them.
        var isKnown = await db.Faces.AnyAsync(face => face.PhotoId == photo.Id, cancellationToken);

        // Under the lock: a deletion waits, and then removes the whole folder.
        for (var ordinal = 0; ordinal < found.Crops.Count && !isKnown; ordinal++)
        {
            var key = PhotoFiles.Crop(photo.Uuid, ordinal);
            if (photo.Attempts > 1)
            {
                // An attempt that was cut off may have left half a file beside it, which no note tells of: its folder stays.
                await files.DeleteAsync(key, cancellationToken);
            }

            using var crop = new MemoryStream(found.Crops[ordinal], writable: false);
            await files.WriteAsync(key, crop, cancellationToken);
        }

        await db.Photos.Where(row => row.Id == photo.Id).ExecuteUpdateAsync(
            row => row
                .SetProperty(p => p.Width, found.Detection.ImageWidth)
                .SetProperty(p => p.Height, found.Detection.ImageHeight)
                .SetProperty(p => p.TakenAt, found.TakenAt),
            cancellationToken);
        if (found.Embeddings is { } embeddings)
        {
            var faces = isKnown
                ? []
                : found.Detection.Faces.Select((face, i) => FaceRow.Of(
                    photo.GalleryId, face, found.Detection.Detector, embeddings.Recogniser.Name, embeddings.Faces[i],
                    photoId: photo.Id, ordinal: i, seenAt: found.TakenAt ?? photo.CreatedAt, assessment: found.Assessments[i])).ToList();
            db.Faces.AddRange(faces);
            db.Outbox.Add(Outbox.Message(new FacesDetected(photo.Id), photo.Id));
            await db.SaveChangesAsync(cancellationToken);
            await indexSync.NoteAsync([.. faces.Select(face => face.Id)], cancellationToken);
        }

        await SetStatusAsync(photo.Id, found.Embeddings is null ? PhotoStatus.Processed : PhotoStatus.Detected, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The photo, locked until the end of the transaction; null if it is gone or the step is no longer due.</summary>
    private Task<Photo?> LockAsync(long photoId, PhotoStatus due, CancellationToken cancellationToken) =>
        db.Photos.FromSql($"SELECT * FROM identity.photos WHERE id = {photoId} AND status = {(int)due} FOR UPDATE")
            .AsNoTracking().SingleOrDefaultAsync(cancellationToken);

    private async Task SetStatusAsync(long photoId, PhotoStatus status, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync(
            $"UPDATE identity.photos SET status = {(int)status}, changed_at = now(), published_at = NULL WHERE id = {photoId}", cancellationToken);

    private async Task FailAsync(long photoId, string reason) =>
        await db.Database.ExecuteSqlAsync(
            $"""
             UPDATE identity.photos SET status = {(int)PhotoStatus.Failed}, reason = {reason}, changed_at = now()
             WHERE id = {photoId} AND status < {(int)PhotoStatus.Processed}
             """,
            CancellationToken.None);
}
