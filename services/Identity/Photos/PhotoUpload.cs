using System.Globalization;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Events;
using FaceCloud.Files;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Albums;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Pipeline;
using FaceCloud.Imaging;
using FaceCloud.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using FileOptions = FaceCloud.Files.FileOptions;

namespace FaceCloud.Identity.Photos;

/// <summary>
/// Takes in the photos of a request, all of them or none. Each file is noted for deletion, then streamed to the store; when the last one is
/// there, one transaction inserts the rows with their events and takes the notes back. So whatever cuts an upload off, a bad file or a crash,
/// no file is left without a row and no row without its file.
/// </summary>
internal sealed class PhotoUpload(
    IdentityDb db, IFileStore files, FileRemovals removals, IndexSync indexSync, OutboxSignal outbox, BodyBudget budget, IOptions<FileOptions> options)
{
    /// <summary>In one request.</summary>
    public const int MaxFiles = 1000;

    /// <summary>Of one request.</summary>
    public const long MaxBytes = 2L << 30;

    private const int MaxFields = 20;

    // Somebody deletes the photo that this one is a duplicate of, and so on: once in a lifetime.
    private const int Attempts = 5;

    /// <param name="http">A form of files under <c>file</c>, and the fields <c>albumId</c> and <c>wait</c>, in any order.</param>
    /// <param name="albumId">Where the form names no album.</param>
    /// <param name="cancellationToken">Until the transaction is committed.</param>
    /// <exception cref="FailureException">
    /// <see cref="Failure.Malformed"/>: no form, no file, or a field of another form. <see cref="Failure.InvalidImage"/> and
    /// <see cref="Failure.TooLarge"/>: one of the files; its details say which. <see cref="Failure.NotFound"/>: the album.
    /// <see cref="Failure.Forbidden"/>: it is somebody else's, or one of the photos is there in such an album. Nothing is stored then.
    /// </exception>
    public async Task<Uploaded> ReceiveAsync(HttpRequest http, string? albumId, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.UploadTimeout);
        var arrived = new List<Arrived>();
        try
        {
            var wait = await ReadFormAsync(http, arrived, id => albumId = id, limit.Token);
            var galleryId = await db.GalleryIdAsync(gallery, limit.Token);
            var uploaded = await CommitAsync(galleryId, Caller.Of(http), arrived, albumId, limit.Token);
            outbox.Raise();
            await indexSync.FollowAsync(uploaded.ChangedFaces);
            return uploaded with { Wait = wait };
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new FailureException(Failure.Malformed, string.Create(
                CultureInfo.InvariantCulture,
                $"The upload took longer than {options.Value.UploadTimeout.TotalMinutes:0.##} minutes; send fewer files at once."));
        }
        finally
        {
            // The duplicates after a commit, all of them without one.
            await removals.DeleteNowAsync([.. arrived.Where(file => !file.Kept).Select(file => PhotoFiles.Folder(file.Uuid))]);
        }
    }

    private async Task<bool?> ReadFormAsync(HttpRequest http, List<Arrived> arrived, Action<string> setAlbum, CancellationToken cancellationToken)
    {
        using var room = budget.Take(files.WriteMemory);
        var form = MultipartBody.Of(http, MaxBytes, MaxFiles + MaxFields);
        bool? wait = null;
        while (await form.NextAsync(cancellationToken) is { } part)
        {
            switch (part.Name)
            {
                case "file":
                    await StoreAsync(part, arrived, cancellationToken);
                    break;
                case var name when part.FileName is not null:
                    throw new FailureException(Failure.Malformed, $"The file field is called 'file', not '{name}'.");
                case "albumId" when await part.TextAsync(cancellationToken) is { Length: > 0 } id:
                    setAlbum(id);
                    break;
                case "wait":
                    var text = await part.TextAsync(cancellationToken);
                    wait = bool.TryParse(text, out var value)
                        ? value
                        : throw new FailureException(Failure.InvalidRequest, "The field 'wait' must be true or false.");
                    break;
            }
        }

        return arrived.Count > 0 ? wait : throw new FailureException(Failure.Malformed, "The file 'file' is missing.");
    }

    private async Task StoreAsync(MultipartBody.FormPart part, List<Arrived> arrived, CancellationToken cancellationToken)
    {
        if (arrived.Count == MaxFiles)
        {
            throw new FailureException(Failure.TooLarge, $"At most {MaxFiles} files are taken at once.");
        }

        try
        {
            await using var file = await ArrivingFile.OpenAsync(part.Content, cancellationToken);
            var extension = file.Format.Extension();
            var photo = new Arrived { Filename = PhotoName.Of(part.FileName, extension), Extension = extension };
            await removals.NoteAsync(PhotoFiles.Folder(photo.Uuid), options.Value.UploadTimeout, cancellationToken);
            arrived.Add(photo);
            await files.WriteAsync(PhotoFiles.Original(photo.Uuid, extension), file, cancellationToken);
            (photo.Sha256, photo.Bytes) = (file.Sha256(), file.Position);
        }
        catch (FailureException e) when (e.Failure is Failure.InvalidImage or Failure.TooLarge)
        {
            var number = arrived.Count(photo => photo.Bytes > 0) + 1;
            throw new FailureException(e.Failure, $"File {number}: {e.Message} Nothing of the request was stored.", e)
            {
                Details = new Dictionary<string, object?> { ["file"] = number, ["filename"] = part.FileName is null ? null : PhotoName.Of(part.FileName, "") },
            };
        }
    }

    private async Task<Uploaded> CommitAsync(long galleryId, Caller caller, List<Arrived> arrived, string? album, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            if (await TryStoreAsync(galleryId, caller, arrived, album, cancellationToken) is { } uploaded)
            {
                // Once it is on its way nobody calls it back: what became of it would be unknown.
                await transaction.CommitAsync(CancellationToken.None);
                foreach (var file in arrived)
                {
                    file.Kept = uploaded.Photos.Any(photo => photo.Uuid == file.Uuid);
                }

                return uploaded;
            }
        }

        throw new FailureException(Failure.Busy, "These photos are being uploaded and deleted at the same time; try again.");
    }

    /// <returns>Null where a photo that one of these is a duplicate of was deleted in between.</returns>
    private async Task<Uploaded?> TryStoreAsync(long galleryId, Caller caller, List<Arrived> arrived, string? album, CancellationToken cancellationToken)
    {
        // Locks are taken in this order everywhere: album, then gallery, then photos by id, then faces.
        var albumId = album is null ? (long?)null : (await db.LockAlbumAsync(galleryId, album, forChange: false, cancellationToken)).Id;
        if (albumId is not null && !await db.Albums.OpenTo(caller).AnyAsync(open => open.Id == albumId, cancellationToken))
        {
            throw Ownership.Denied();
        }

        var job = Guid.CreateVersion7();
        await db.Database.ExecuteSqlAsync($"INSERT INTO identity.jobs (id, gallery_id, owner) VALUES ({job}, {galleryId}, {caller.Owner})", cancellationToken);

        var first = arrived.DistinctBy(file => Convert.ToHexString(file.Sha256)).ToArray();
        var inserted = await InsertAsync(galleryId, first, albumId, job, cancellationToken);
        var known = first.Where(file => inserted.All(photo => photo.Uuid != file.Uuid)).Select(file => file.Sha256).ToArray();
        var existing = known.Length == 0 ? [] : await LockAsync(galleryId, known, cancellationToken);
        if (existing.Count < known.Length)
        {
            return null;
        }

        // Sent again it would tell who is on it, and could be drawn into another album.
        long[] there = [.. existing.Select(photo => photo.Id)];
        if (await db.Photos.Where(photo => there.Contains(photo.Id)).OpenTo(db, caller).CountAsync(cancellationToken) < there.Length)
        {
            throw Ownership.Denied();
        }

        var faces = await ReviveAsync(existing, albumId, job, cancellationToken);
        var toProcess = inserted.Concat(existing.Where(photo => photo.Status == PhotoStatus.Failed)).Select(photo => photo.Id);
        db.Outbox.AddRange(toProcess.Select(id => Outbox.Message(new PhotoStored(id), id)));
        await db.SaveChangesAsync(cancellationToken);
        db.ChangeTracker.Clear();

        if (!await removals.KeepAsync([.. inserted.Select(photo => PhotoFiles.Folder(photo.Uuid))], cancellationToken))
        {
            throw new FailureException(Failure.Busy, "The upload took too long and its files are deleted already; send fewer files at once.");
        }

        var photos = inserted.Concat(existing).ToDictionary(photo => Convert.ToHexString(photo.Sha256));
        return new Uploaded([.. arrived.Select(file =>
        {
            var photo = photos[Convert.ToHexString(file.Sha256)];
            return new UploadedPhoto(
                photo.Id, photo.Uuid, photo.Filename, photo.Status == PhotoStatus.Failed ? PhotoStatus.Stored : photo.Status, photo.Uuid != file.Uuid);
        })], job, faces);
    }

    private Task<List<Photo>> InsertAsync(long galleryId, Arrived[] arrived, long? albumId, Guid job, CancellationToken cancellationToken)
    {
        var uuids = arrived.Select(file => file.Uuid).ToArray();
        var hashes = arrived.Select(file => file.Sha256).ToArray();
        var names = arrived.Select(file => file.Filename).ToArray();
        var extensions = arrived.Select(file => file.Extension).ToArray();
        var sizes = arrived.Select(file => file.Bytes).ToArray();

        // In the order of hashes: two requests with the same files wait for one another and not each for the other.
        return db.Photos.FromSql(
            $"""
             INSERT INTO identity.photos (uuid, gallery_id, sha256, filename, extension, bytes, album_id, job_id, status, attempts)
             SELECT uuid, {galleryId}, sha256, filename, extension, bytes, {albumId}, {job}, {(int)PhotoStatus.Stored}, 0
             FROM unnest({uuids}, {hashes}, {names}, {extensions}, {sizes}) AS arrived (uuid, sha256, filename, extension, bytes)
             ORDER BY sha256
             ON CONFLICT (gallery_id, sha256) DO NOTHING RETURNING *
             """).AsNoTracking().ToListAsync(cancellationToken);
    }

    private async Task<List<Photo>> LockAsync(long galleryId, byte[][] hashes, CancellationToken cancellationToken)
    {
        await db.LockGalleryAsync(galleryId, cancellationToken);
        return await db.Photos.FromSql(
            $"SELECT * FROM identity.photos WHERE gallery_id = {galleryId} AND sha256 = ANY({hashes}) ORDER BY id FOR UPDATE")
            .AsNoTracking().ToListAsync(cancellationToken);
    }

    /// <summary>
    /// What sending a photo again does to the one that is there: it goes into the album that was named, and one that failed gets another chance.
    /// </summary>
    /// <returns>The faces that are now in another album.</returns>
    private async Task<long[]> ReviveAsync(List<Photo> existing, long? albumId, Guid job, CancellationToken cancellationToken)
    {
        var failed = existing.Where(photo => photo.Status == PhotoStatus.Failed).Select(photo => photo.Id).ToArray();
        if (failed.Length > 0)
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                 UPDATE identity.photos SET status = {(int)PhotoStatus.Stored}, reason = NULL, attempts = 0, changed_at = now(),
                     published_at = NULL, job_id = {job}
                 WHERE id = ANY({failed})
                 """,
                cancellationToken);
        }

        var moved = albumId is null ? [] : existing.Where(photo => photo.AlbumId != albumId).Select(photo => photo.Id).ToArray();
        if (moved.Length == 0)
        {
            return [];
        }

        await db.Database.ExecuteSqlAsync($"UPDATE identity.photos SET album_id = {albumId} WHERE id = ANY({moved})", cancellationToken);
        var faces = await db.Faces.Where(face => moved.Contains(face.PhotoId!.Value)).Select(face => face.Id).ToArrayAsync(cancellationToken);
        await indexSync.NoteAsync(faces, cancellationToken);
        return faces;
    }

    /// <summary>A file that is in the store.</summary>
    private sealed class Arrived
    {
        public Guid Uuid { get; } = Guid.CreateVersion7();

        public required string Filename { get; init; }

        public required string Extension { get; init; }

        public byte[] Sha256 { get; set; } = [];

        public long Bytes { get; set; }

        /// <summary>A row refers to it.</summary>
        public bool Kept { get; set; }
    }
}

/// <summary>What became of the files of a request.</summary>
/// <param name="Photos">One for each file, in order.</param>
/// <param name="Job">Tells how far they are.</param>
/// <param name="ChangedFaces">Faces of photos that were there and are in another album now.</param>
internal sealed record Uploaded(UploadedPhoto[] Photos, Guid Job, long[] ChangedFaces)
{
    /// <summary>What the form says of it; null if nothing.</summary>
    public bool? Wait { get; init; }
}

/// <param name="Id">The photo's.</param>
/// <param name="Uuid">The photo's.</param>
/// <param name="Filename">That of the first upload.</param>
/// <param name="Status">After this upload.</param>
/// <param name="Duplicate">The same bytes were there, or come earlier in the request.</param>
internal sealed record UploadedPhoto(long Id, Guid Uuid, string Filename, PhotoStatus Status, bool Duplicate);
