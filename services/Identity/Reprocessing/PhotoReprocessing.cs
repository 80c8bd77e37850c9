using FaceCloud.Contracts;
using FaceCloud.Files;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;
using FaceCloud.Identity.People;
using FaceCloud.Identity.Photos;
using FaceCloud.Identity.Pipeline;
using FaceCloud.Identity.Quality;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using FileOptions = FaceCloud.Files.FileOptions;

namespace FaceCloud.Identity.Reprocessing;

/// <summary>
/// Looks at a photo of the library again. Faces that are found where one was keep their ids and all that was decided about them; faces that are not
/// found any more go, unless a user decided something about them. New crops are files of new names, by the rule for all files noted for deletion before
/// they are written; one transaction then renews the rows, takes these notes back and notes the former crops. So readers see the photo as it was or as
/// it is, whenever they look and whatever ends the process.
/// </summary>
internal sealed class PhotoReprocessing(
    IdentityDb db, IFileStore files, FaceFinder finder, Ledger ledger, FileRemovals removals, IndexSync indexSync, AutoRecognition recognition,
    IOptions<FileOptions> fileOptions, IOptions<AutoRecogniseOptions> recogniseOptions)
{
    /// <summary>What was done of the item already is not done again.</summary>
    /// <param name="item">Its photo is nobody else's work meanwhile.</param>
    /// <param name="cancellationToken">The photo stays as it is, or is renewed whole.</param>
    /// <exception cref="FailureException">The photo's file cannot be used, or one of a port; <see cref="Failure.Busy"/>: it is to be tried again.</exception>
    public async Task RunAsync(JobItem item, CancellationToken cancellationToken)
    {
        if (item.Status == JobItemStatus.Waiting)
        {
            await RenewAsync(item, cancellationToken);
        }

        if (recogniseOptions.Value.RecogniseOnUpload
            && await db.JobItems.AnyAsync(
                row => row.JobId == item.JobId && row.PhotoId == item.PhotoId && row.Status == JobItemStatus.Stored, cancellationToken))
        {
            // Done twice it changes nothing more: a face that has a person is left alone.
            var galleryId = await db.Photos.Where(photo => photo.Id == item.PhotoId).Select(photo => photo.GalleryId).SingleAsync(cancellationToken);
            await recognition.RecognisePhotoAsync(galleryId, item.PhotoId, cancellationToken);
        }

        await db.Database.ExecuteSqlAsync(
            $"""
             UPDATE identity.job_items SET status = {(int)JobItemStatus.Done}, changed_at = now()
             WHERE job_id = {item.JobId} AND photo_id = {item.PhotoId} AND status = {(int)JobItemStatus.Stored}
             """,
            cancellationToken);
    }

    private async Task RenewAsync(JobItem item, CancellationToken cancellationToken)
    {
        if (await db.Photos.AsNoTracking().SingleOrDefaultAsync(photo => photo.Id == item.PhotoId, cancellationToken) is not { } photo)
        {
            return;
        }

        var owner = await db.Jobs.Where(job => job.Id == item.JobId).Select(job => job.Owner).SingleOrDefaultAsync(cancellationToken);
        var found = await finder.FindAsync(photo, cancellationToken);
        var firstOrdinal = await db.Faces.Where(face => face.PhotoId == photo.Id).MaxAsync(face => face.Ordinal, cancellationToken) + 1 ?? 0;
        string[] crops = [.. found.Crops.Select((_, i) => PhotoFiles.Crop(photo.Uuid, firstOrdinal + i))];
        Renewed? renewed = null;
        try
        {
            await WriteAsync(crops, found.Crops, isFirstAttempt: item.Attempts == 1, cancellationToken);
            renewed = await ledger.DecideAsync(
                photo.GalleryId,
                new Origin("quality", LedgerAction.Reprocess, Actor: owner),
                decision => DecideAsync(decision, item, photo, found, firstOrdinal, crops, cancellationToken),
                cancellationToken);
        }
        finally
        {
            if (renewed is null)
            {
                await removals.DeleteNowAsync(crops);
            }
        }

        if (renewed is not null)
        {
            await indexSync.FollowAsync(renewed.Faces);
            await removals.DeleteNowAsync(renewed.FormerCrops);
        }
    }

    private async Task WriteAsync(string[] keys, IReadOnlyList<byte[]> crops, bool isFirstAttempt, CancellationToken cancellationToken)
    {
        foreach (var (key, crop) in keys.Zip(crops))
        {
            await removals.NoteAsync(key, fileOptions.Value.UploadTimeout, cancellationToken);
            if (!isFirstAttempt)
            {
                // One that was cut off may have left half a file beside it, whose note is taken back with this one's.
                await files.DeleteAsync(key, cancellationToken);
            }

            using var content = new MemoryStream(crop, writable: false);
            await files.WriteAsync(key, content, cancellationToken);
        }
    }

    /// <summary>Under the lock of the gallery, where nobody decides about these faces.</summary>
    /// <returns>Null if the photo or the item is gone, or the job was cancelled: nothing changes.</returns>
    private async Task<Renewed?> DecideAsync(
        Decision decision, JobItem item, Photo photo, FoundFaces found, int firstOrdinal, string[] crops, CancellationToken cancellationToken)
    {
        var now = (await db.Photos.FromSql($"SELECT * FROM identity.photos WHERE id = {photo.Id} FOR UPDATE")
            .AsNoTracking().ToListAsync(cancellationToken)).SingleOrDefault();
        var due = await db.JobItems.FromSql(
            $"SELECT * FROM identity.job_items WHERE job_id = {item.JobId} AND photo_id = {item.PhotoId} AND status = {(int)JobItemStatus.Waiting} FOR UPDATE")
            .AsNoTracking().ToListAsync(cancellationToken);
        if (now is null || due.Count == 0)
        {
            return null;
        }

        if (now.Status < PhotoStatus.Processed || !await removals.KeepAsync(crops, cancellationToken))
        {
            throw new FailureException(Failure.Busy, "The photo is on its way through the pipeline, or its new crops took too long to write.");
        }

        var ids = await db.Faces.Where(face => face.PhotoId == photo.Id).Select(face => face.Id).ToListAsync(cancellationToken);
        var states = await decision.FindFacesAsync(ids);
        var rows = await db.Faces.Include(face => face.Embeddings).Where(face => ids.Contains(face.Id)).OrderBy(face => face.Id).ToListAsync(cancellationToken);
        var matches = FaceMatching.Match([.. rows.Select(row => row.Box)], [.. found.Detection.Faces.Select(face => face.Box)]);
        var erased = await ErasedPlaces.OfAsync(db, photo.Id, cancellationToken);
        if (found.Detection.Faces.Any(face => ErasedPlaces.Cover(erased, face.Box)))
        {
            throw new FailureException(Failure.Busy, "Somebody on the photo was erased while it was looked at.");
        }

        string[] former = [.. matches.Select(match => PhotoFiles.Crop(photo.Uuid, rows[match.Former].Ordinal!.Value))];
        var faces = await StoreAsync(photo, rows, matches, found, firstOrdinal, cancellationToken);
        foreach (var crop in former)
        {
            await removals.NoteAsync(crop, TimeSpan.Zero, cancellationToken);
        }

        var decided = decision.Negatives.Where(negative => negative.Now).Select(negative => negative.FaceId).ToHashSet();
        foreach (var row in rows.Where((_, i) => matches.All(match => match.Former != i)))
        {
            var state = states[row.Id];
            state.Deleted = !decided.Contains(row.Id) && state.Now is { AssignedBy: not Assigner.Manual, Mark: FaceMark.None };
        }

        await db.Database.ExecuteSqlAsync(
            $"""
             UPDATE identity.photos
             SET width = {found.Detection.ImageWidth}, height = {found.Detection.ImageHeight}, taken_at = {found.TakenAt},
                 status = {(int)PhotoStatus.Processed}, reason = NULL
             WHERE id = {photo.Id}
             """,
            cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
             UPDATE identity.job_items SET status = {(int)JobItemStatus.Stored}, changed_at = now() WHERE job_id = {item.JobId} AND photo_id = {item.PhotoId}
             """,
            cancellationToken);
        return new Renewed(faces, former);
    }

    /// <returns>The faces whose vector is another one, and the new ones.</returns>
    private async Task<long[]> StoreAsync(
        Photo photo, List<Face> rows, IReadOnlyList<(int Former, int Now)> matches, FoundFaces found, int firstOrdinal, CancellationToken cancellationToken)
    {
        if (found.Embeddings is not { } embeddings)
        {
            db.ChangeTracker.Clear();
            return [];
        }

        var (all, recogniser) = (found.Detection.Faces, embeddings.Recogniser.Name);
        var changed = new List<Face>();
        foreach (var (former, now) in matches)
        {
            if (FaceRow.Renew(rows[former], all[now], found.Detection.Detector, recogniser, embeddings.Faces[now], firstOrdinal + now, found.Assessments[now]))
            {
                changed.Add(rows[former]);
            }
        }

        var added = Enumerable.Range(0, all.Count).Where(now => matches.All(match => match.Now != now)).Select(now => FaceRow.Of(
            photo.GalleryId, all[now], found.Detection.Detector, recogniser, embeddings.Faces[now],
            photoId: photo.Id, ordinal: firstOrdinal + now, seenAt: found.TakenAt ?? photo.CreatedAt, assessment: found.Assessments[now])).ToList();
        db.Faces.AddRange(added);

        // Before and after: what another recogniser said of a face is forgotten in between.
        await indexSync.NoteAsync([.. changed.Select(face => face.Id)], cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        db.ChangeTracker.Clear();
        long[] stored = [.. changed.Concat(added).Select(face => face.Id)];
        await indexSync.NoteAsync(stored, cancellationToken);

        // One with the same vector may have other scores.
        await db.NoteQualityAsync([.. matches.Select(match => rows[match.Former].Id).Except(stored)], cancellationToken);
        await ForgetLinksAsync(photo.GalleryId, recogniser, stored, cancellationToken);
        return stored;
    }

    /// <summary>
    /// Links tell of the former vectors. The faces are noted to be linked and grouped anew, and so are those they were linked to: what those hang
    /// together with may have been these. A note that is there already is written again, so that a grouping under way does not take it away.
    /// </summary>
    private Task<int> ForgetLinksAsync(long galleryId, string recogniser, long[] faces, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
             WITH links AS (
                 DELETE FROM identity.face_links WHERE recogniser = {recogniser} AND (face_a = ANY({faces}) OR face_b = ANY({faces}))
                 RETURNING face_a, face_b
             ), touched (face_id) AS (
                 SELECT unnest({faces}) UNION SELECT face_a FROM links UNION SELECT face_b FROM links
             )
             INSERT INTO identity.group_changes (face_id, gallery_id) SELECT face_id, {galleryId} FROM touched ORDER BY face_id
             ON CONFLICT (face_id) DO UPDATE SET gallery_id = excluded.gallery_id
             """,
            cancellationToken);

    /// <param name="Faces">Those whose vectors the index has to follow, but for the deleted.</param>
    /// <param name="FormerCrops">Files that no row refers to any more.</param>
    private sealed record Renewed(long[] Faces, string[] FormerCrops);
}
