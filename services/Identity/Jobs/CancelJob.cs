using FaceCloud.Contracts;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Jobs;

/// <summary>
/// <c>DELETE /api/v1/jobs/{id}</c>: what has not been begun is not done any more. Photos of an upload are kept, as failed ones that say so; sent again they
/// are processed. Of a reprocessing no photo changes after the answer.
/// </summary>
internal static class CancelJob
{
    private const string Reason = "The upload was cancelled before the photo was looked at; send it again to have it processed.";

    [Fails(Failure.Conflict)]
    public static async Task<Ok<JobBody>> HandleAsync(HttpRequest http, string id, IdentityDb db, CancellationToken cancellationToken)
    {
        var job = await db.RequireOwnJobAsync(http, id, cancellationToken);
        if (!await CancelAsync(db, job.Id, cancellationToken))
        {
            throw new FailureException(Failure.Conflict, "The job has ended already.");
        }

        return TypedResults.Ok((await JobBody.OfAsync(db, [await db.RequireOwnJobAsync(http, id, cancellationToken)], cancellationToken))[0]);
    }

    /// <returns>False if it has ended, or was cancelled, already.</returns>
    public static async Task<bool> CancelAsync(IdentityDb db, Guid job, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var cancelled = await db.Database.ExecuteSqlAsync(
            $"""
             WITH waiting AS (
                 SELECT id FROM identity.photos WHERE job_id = {job} AND status = {(int)PhotoStatus.Stored} AND attempts = 0 ORDER BY id FOR UPDATE
             )
             UPDATE identity.photos SET status = {(int)PhotoStatus.Failed}, reason = {Reason}, changed_at = now()
             FROM waiting WHERE photos.id = waiting.id
             """,
            cancellationToken);
        cancelled += await db.Database.ExecuteSqlAsync(
            $"""
             WITH waiting AS (
                 SELECT photo_id FROM identity.job_items WHERE job_id = {job} AND status = {(int)JobItemStatus.Waiting} ORDER BY photo_id FOR UPDATE
             )
             UPDATE identity.job_items item SET status = {(int)JobItemStatus.Cancelled}, changed_at = now()
             FROM waiting WHERE item.job_id = {job} AND item.photo_id = waiting.photo_id
             """,
            cancellationToken);

        // Somebody may have cancelled it, or its last photo may have been done, meanwhile.
        var isOpen = cancelled > 0
            || await db.Photos.AnyAsync(photo => photo.JobId == job && photo.Status < PhotoStatus.Processed, cancellationToken)
            || await db.JobItems.AnyAsync(item => item.JobId == job && item.Status < JobItemStatus.Done, cancellationToken);
        if (!isOpen
            || await db.Database.ExecuteSqlAsync(
                $"UPDATE identity.jobs SET cancelled_at = now() WHERE id = {job} AND cancelled_at IS NULL", cancellationToken) == 0)
        {
            return false;
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
