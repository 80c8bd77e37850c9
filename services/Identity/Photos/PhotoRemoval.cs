using FaceCloud.Identity.Audit;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Photos;

/// <summary>Removes a photo with its faces and everything that was decided about them: rows, vectors, crops, and the file.</summary>
internal sealed class PhotoRemoval(IdentityDb db, IndexSync indexSync, FileRemovals removals, AuditTrail audit)
{
    /// <returns>False if there is no such photo (any more).</returns>
    public async Task<bool> RemoveAsync(long galleryId, long photoId, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockGalleryAsync(galleryId, cancellationToken);
        var photo = (await db.Photos.FromSql(
            $"SELECT * FROM identity.photos WHERE id = {photoId} AND gallery_id = {galleryId} FOR UPDATE")
            .AsNoTracking().ToListAsync(cancellationToken)).SingleOrDefault();
        if (photo is null)
        {
            return false;
        }

        await audit.PhotoDeletedAsync(galleryId, photoId, cancellationToken);
        var faces = await db.Faces.Where(face => face.PhotoId == photoId).Select(face => face.Id).ToArrayAsync(cancellationToken);
        await indexSync.NoteAsync(faces, cancellationToken);
        await db.LedgerChanges.Where(change => faces.Contains(change.FaceId!.Value)).ExecuteDeleteAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO identity.group_changes (face_id, gallery_id) SELECT id, {galleryId} FROM unnest({faces}) AS face (id) ORDER BY id
             ON CONFLICT (face_id) DO NOTHING
             """,
            cancellationToken);
        var folder = PhotoFiles.Folder(photo.Uuid);
        await removals.NoteAsync(folder, TimeSpan.Zero, cancellationToken);
        await db.Photos.Where(row => row.Id == photoId).ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        await indexSync.FollowAsync(faces);
        await removals.DeleteNowAsync([folder]);
        return true;
    }
}
