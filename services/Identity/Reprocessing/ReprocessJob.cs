using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Reprocessing;

/// <summary>Begins the reprocessing of photos.</summary>
internal static class ReprocessJob
{
    /// <param name="db">Outside of a transaction.</param>
    /// <param name="galleryId">Of the photos.</param>
    /// <param name="owner">Who asks for it.</param>
    /// <param name="photos">Those that somebody deletes meanwhile are left out.</param>
    /// <param name="cancellationToken">Nothing is begun.</param>
    /// <returns>The job, and how many photos it has.</returns>
    public static async Task<(Guid Id, int Photos)> BeginAsync(
        IdentityDb db, long galleryId, string? owner, IQueryable<Photo> photos, CancellationToken cancellationToken)
    {
        var ids = await photos.Select(photo => photo.Id).ToArrayAsync(cancellationToken);
        var job = new Job { GalleryId = galleryId, Owner = owner, Kind = JobKind.Reprocess };
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        db.Jobs.Add(job);
        await db.SaveChangesAsync(cancellationToken);
        var count = await db.Database.ExecuteSqlAsync(
            $"""
             WITH present AS (SELECT id FROM identity.photos WHERE id = ANY({ids}) ORDER BY id FOR KEY SHARE)
             INSERT INTO identity.job_items (job_id, photo_id, size, status, attempts) SELECT {job.Id}, id, {ids.Length}, 0, 0 FROM present
             """,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (job.Id, count);
    }
}
