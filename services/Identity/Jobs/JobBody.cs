using System.Globalization;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Jobs;

/// <summary>A job as clients see it. All but its beginning and its cancellation is counted from its photos, so it is right after any crash.</summary>
/// <param name="JobId">As the call that began it answered.</param>
/// <param name="Kind"><c>upload</c> or <c>reprocess</c>.</param>
/// <param name="Status">queued, running, succeeded, failed or cancelled; some failed photos among others make no failed job.</param>
/// <param name="Progress">Percent.</param>
/// <param name="Total">Photos; one that is deleted meanwhile is none of them any more.</param>
/// <param name="Succeeded">Photos.</param>
/// <param name="Failed">Photos; of an upload, each says itself why.</param>
/// <param name="Message">The same in words; of reprocessing, with a reason of a failure.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="StartedAt">UTC; null while it is queued. Uploaded photos are queued at once, so an upload starts when it is made.</param>
/// <param name="FinishedAt">UTC; null until it is.</param>
internal sealed record JobBody(
    Guid JobId, string Kind, string Status, int Progress, int Total, int Succeeded, int Failed, string Message,
    string CreatedAt, string? StartedAt, string? FinishedAt)
{
    /// <summary>In the order of the jobs.</summary>
    public static async Task<JobBody[]> OfAsync(IdentityDb db, IReadOnlyList<Job> jobs, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. jobs.Select(job => job.Id)];

        // A photo that failed before anybody looked at it was cancelled.
        var counts = await db.Database.SqlQuery<Photos>(
            $"""
             SELECT job_id AS "JobId", count(*)::int AS "Total", count(*) FILTER (WHERE state = 'succeeded')::int AS "Succeeded",
                    count(*) FILTER (WHERE state = 'failed')::int AS "Failed", count(*) FILTER (WHERE state = 'cancelled')::int AS "Cancelled",
                    bool_or(attempts > 0) AS "IsBegun", max(changed_at) AS "LastChange", min(reason) FILTER (WHERE state = 'failed') AS "Reason"
             FROM (
                 SELECT job_id, attempts, changed_at, NULL AS reason,
                        CASE WHEN status < 3 THEN 'open' WHEN status = 3 THEN 'succeeded' WHEN attempts > 0 THEN 'failed' ELSE 'cancelled' END AS state
                 FROM identity.photos WHERE job_id = ANY({ids})
                 UNION ALL
                 SELECT job_id, attempts, changed_at, reason,
                        CASE WHEN status < 2 THEN 'open' WHEN status = 2 THEN 'succeeded' WHEN status = 3 THEN 'failed' ELSE 'cancelled' END
                 FROM identity.job_items WHERE job_id = ANY({ids})
             ) AS photo GROUP BY job_id
             """).ToDictionaryAsync(photos => photos.JobId, cancellationToken);
        return [.. jobs.Select(job => Of(job, counts.GetValueOrDefault(job.Id) ?? new Photos(job.Id, 0, 0, 0, 0, false, job.CreatedAt, null)))];
    }

    private static JobBody Of(Job job, Photos photos)
    {
        var (total, done) = (photos.Total, photos.Succeeded + photos.Failed);
        var isEnded = done + photos.Cancelled == total;
        var isBegun = photos.IsBegun || job.StartedAt is not null;
        var status = isEnded switch
        {
            _ when job.CancelledAt is not null => "cancelled",
            true => photos.Failed > 0 && photos.Succeeded == 0 ? "failed" : "succeeded",
            false => isBegun ? "running" : "queued",
        };
        return new JobBody(
            job.Id, job.Kind == JobKind.Upload ? "upload" : "reprocess", status, total == 0 ? 100 : 100 * done / total, total, photos.Succeeded, photos.Failed,
            Sentence(job, photos),
            ImageBody.Time(job.CreatedAt),
            isBegun || isEnded ? ImageBody.Time(job.StartedAt ?? job.CreatedAt) : null,
            (job.CancelledAt ?? (isEnded ? photos.LastChange : (DateTime?)null)) is { } finished ? ImageBody.Time(finished) : null);
    }

    private static string Sentence(Job job, Photos photos)
    {
        var sentence = string.Create(
            CultureInfo.InvariantCulture,
            $"{photos.Succeeded} of {photos.Total} photos {(job.Kind == JobKind.Upload ? "processed" : "reprocessed")}, {photos.Failed} failed");
        sentence += photos.Cancelled > 0 ? string.Create(CultureInfo.InvariantCulture, $", {photos.Cancelled} cancelled") : "";
        return photos.Reason is null ? sentence : $"{sentence}: {photos.Reason}";
    }

    private sealed record Photos(Guid JobId, int Total, int Succeeded, int Failed, int Cancelled, bool IsBegun, DateTime LastChange, string? Reason);
}
