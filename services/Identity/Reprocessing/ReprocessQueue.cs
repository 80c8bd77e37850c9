using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Pipeline;
using FaceCloud.ServiceDefaults.Errors;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Reprocessing;

/// <summary>
/// The photos that jobs have to look at again, in <c>job_items</c>. Any number of processes take them from there. Who works on a photo holds a lock
/// that ends with the connection, so what a killed process was at is taken up by another at once, and two jobs never work on one photo together.
/// </summary>
internal sealed class ReprocessQueue(IdentityDb db, PhotoReprocessing reprocessing, ILogger<ReprocessQueue> logger)
{
    // Of a photo that fails for no known reason.
    private const int Tries = 4;

    // From the moment an item is taken it is left alone by others as long, which is ample for locking its photo.
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <returns>False: there is nothing to do, or a service that is needed is away.</returns>
    public async Task<bool> WorkOffNextAsync(CancellationToken cancellationToken)
    {
        // The lock belongs to the connection, so this one stays open.
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            return await TakeAsync(cancellationToken) switch
            {
                null => false,
                var item when !await TryLockAsync(item.PhotoId, cancellationToken) => true,
                var item => await WorkOffLockedAsync(item, cancellationToken),
            };
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private async Task<bool> WorkOffLockedAsync(JobItem taken, CancellationToken cancellationToken)
    {
        try
        {
            return await BeginAsync(taken, cancellationToken) is not { } item || await WorkOffAsync(item, cancellationToken);
        }
        finally
        {
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock(hashtextextended('reprocess', {taken.PhotoId}))", CancellationToken.None);
        }
    }

    private async Task<bool> WorkOffAsync(JobItem item, CancellationToken cancellationToken)
    {
        try
        {
            if (item.Attempts > PhotoPipeline.MaxAttempts)
            {
                throw new FailureException(Failure.InvalidImage, $"Processing the photo ended the server {PhotoPipeline.MaxAttempts} times; it was given up.");
            }

            await reprocessing.RunAsync(item, cancellationToken);
            return true;
        }
        catch (FailureException e) when (e.Failure is not (Failure.Busy or Failure.Unavailable or Failure.Internal))
        {
            await FailAsync(item, e.Message);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException || Outage.MayPass(e))
        {
            // It does not count against the photo.
            await PostponeAsync(item, attempts: -1);
            cancellationToken.ThrowIfCancellationRequested();
            logger.LogWarning("Photo {PhotoId} waits to be reprocessed: {Reason}", item.PhotoId, e.Message);
            return false;
        }
        catch (Exception e)
        {
            // What went wrong is for the log; it may quote data.
            logger.LogError(e, "Photo {PhotoId} could not be reprocessed", item.PhotoId);
            await (item.Attempts < Tries ? PostponeAsync(item, attempts: 0) : FailAsync(item, "The photo could not be processed; the server's log says why."));
            return true;
        }
    }

    /// <summary>The next one that is due; null if there is none.</summary>
    private async Task<JobItem?> TakeAsync(CancellationToken cancellationToken) => (await db.JobItems.FromSql(
        $"""
         UPDATE identity.job_items item SET due_at = now() + {Lead}
         FROM (
             SELECT job_id, photo_id FROM identity.job_items WHERE status < 2 AND due_at <= now()
             ORDER BY size, job_id, photo_id LIMIT 1 FOR UPDATE SKIP LOCKED
         ) next
         WHERE item.job_id = next.job_id AND item.photo_id = next.photo_id RETURNING item.*
         """).AsNoTracking().ToListAsync(cancellationToken)).SingleOrDefault();

    /// <summary>False while another process, or another job, is at the photo.</summary>
    private async Task<bool> TryLockAsync(long photoId, CancellationToken cancellationToken) => (await db.Database.SqlQuery<bool>(
        $"""SELECT pg_try_advisory_lock(hashtextextended('reprocess', {photoId})) AS "Value" """).ToListAsync(cancellationToken))[0];

    /// <summary>Counted before the work, so that a photo whose decoding ends the process is.</summary>
    /// <returns>Null if it is done, cancelled or gone by now.</returns>
    private async Task<JobItem?> BeginAsync(JobItem item, CancellationToken cancellationToken)
    {
        var begun = await db.JobItems.FromSql(
            $"UPDATE identity.job_items SET attempts = attempts + 1 WHERE job_id = {item.JobId} AND photo_id = {item.PhotoId} AND status < 2 RETURNING *")
            .AsNoTracking().ToListAsync(cancellationToken);
        if (begun.Count > 0)
        {
            await db.Database.ExecuteSqlAsync(
                $"UPDATE identity.jobs SET started_at = now() WHERE id = {item.JobId} AND started_at IS NULL", cancellationToken);
        }

        return begun.SingleOrDefault();
    }

    private Task<int> PostponeAsync(JobItem item, int attempts) => db.Database.ExecuteSqlAsync(
        $"""
         UPDATE identity.job_items SET due_at = now() + {Pause}, attempts = attempts + {attempts}
         WHERE job_id = {item.JobId} AND photo_id = {item.PhotoId} AND status < 2
         """,
        CancellationToken.None);

    private Task<int> FailAsync(JobItem item, string reason) => db.Database.ExecuteSqlAsync(
        $"""
         UPDATE identity.job_items SET status = {(int)JobItemStatus.Failed}, reason = {reason}, changed_at = now()
         WHERE job_id = {item.JobId} AND photo_id = {item.PhotoId} AND status < 2
         """,
        CancellationToken.None);
}
