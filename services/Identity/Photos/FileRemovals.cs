using FaceCloud.Files;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Photos;

/// <summary>
/// Deletes files that have no row any more, or never got one. A note in <c>file_removals</c> comes first: in the transaction that removes the
/// row, or before a file is written whose row comes later. Deleting may be repeated and may come late, so a crash at any point is made good by
/// <see cref="FileSweep"/>. Whoever keeps a file after all removes its note in the transaction that inserts the row; a note that is gone or
/// being worked on tells that it is too late for that.
/// </summary>
internal sealed class FileRemovals(IdentityDb db, IFileStore files, ILogger<FileRemovals> logger)
{
    private const int Batch = 100;

    /// <summary>Notes a file, or with a key that ends with <c>/</c> all below it; part of the caller's transaction where there is one.</summary>
    /// <param name="key">In the store.</param>
    /// <param name="after">From now; zero: due at once.</param>
    /// <param name="cancellationToken">Before the note is made.</param>
    public Task NoteAsync(string key, TimeSpan after, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO identity.file_removals (key, due_at) VALUES ({key}, now() + {after})
             ON CONFLICT (key) DO UPDATE SET due_at = excluded.due_at
             """,
            cancellationToken);

    /// <summary>Takes notes back: these files are kept. Part of the caller's transaction, which has to be undone if it is too late.</summary>
    /// <returns>Whether all of them were still there.</returns>
    public async Task<bool> KeepAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync($"DELETE FROM identity.file_removals WHERE key = ANY({keys})", cancellationToken) == keys.Count;

    /// <summary>Deletes what is noted under these keys, due or not; what has no note any more is kept by somebody and stays.</summary>
    /// <returns>How many notes were worked off; the others wait for the sweep.</returns>
    public async Task<int> DeleteNowAsync(IReadOnlyCollection<string> keys)
    {
        var deleted = 0;
        if (keys.Count == 0)
        {
            return deleted;
        }

        try
        {
            // Decided already, so a client that goes away does not take it back.
            await db.Database.ExecuteSqlAsync($"UPDATE identity.file_removals SET due_at = now() WHERE key = ANY({keys})", CancellationToken.None);
            foreach (var batch in keys.Chunk(Batch))
            {
                deleted += await DeleteAsync(
                    db.FileRemovals.FromSql($"SELECT * FROM identity.file_removals WHERE key = ANY({batch}) ORDER BY key FOR UPDATE SKIP LOCKED"),
                    CancellationToken.None);
            }
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "The files of {Count} photos or faces could not be deleted yet; the sweep does it", keys.Count - deleted);
        }

        return deleted;
    }

    /// <summary>Deletes what is due, passing over what another process is at.</summary>
    /// <returns>How many notes were worked off.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var total = 0;
        int deleted;
        do
        {
            deleted = await DeleteAsync(
                db.FileRemovals.FromSql(
                    $"SELECT * FROM identity.file_removals WHERE due_at <= now() ORDER BY due_at LIMIT {Batch} FOR UPDATE SKIP LOCKED"),
                cancellationToken);
            total += deleted;
        }
        while (deleted == Batch);

        return total;
    }

    private async Task<int> DeleteAsync(IQueryable<FileRemoval> locked, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var keys = (await locked.AsNoTracking().ToListAsync(cancellationToken)).Select(removal => removal.Key).ToArray();
        foreach (var key in keys)
        {
            await files.DeleteAsync(key, cancellationToken);
        }

        await db.FileRemovals.Where(removal => keys.Contains(removal.Key)).ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return keys.Length;
    }
}
