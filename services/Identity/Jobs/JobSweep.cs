using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FaceCloud.Identity.Jobs;

/// <summary>Deletes jobs that ended long ago, at the start and then now and again. Their photos stay.</summary>
internal sealed class JobSweep(IServiceScopeFactory scopes, IOptions<LibraryOptions> options, ILogger<JobSweep> logger)
    : PeriodicWork(scopes, options.Value.SweepPeriod, logger)
{
    protected override string Name => "The sweep of ended jobs";

    protected override async Task WorkAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var deleted = await ForgetAsync(services.GetRequiredService<IdentityDb>(), options.Value.JobsKept, cancellationToken);
        if (deleted > 0)
        {
            Logger.LogInformation("{Count} jobs ended more than {Kept} ago and are deleted", deleted, options.Value.JobsKept);
        }
    }

    /// <returns>How many were deleted.</returns>
    public static Task<int> ForgetAsync(IdentityDb db, TimeSpan olderThan, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
             DELETE FROM identity.jobs job
             WHERE created_at < now() - {olderThan} AND (cancelled_at IS NULL OR cancelled_at < now() - {olderThan})
               AND NOT EXISTS (
                   SELECT FROM identity.photos
                   WHERE job_id = job.id AND (status < {(int)PhotoStatus.Processed} OR changed_at >= now() - {olderThan}))
               AND NOT EXISTS (
                   SELECT FROM identity.job_items
                   WHERE job_id = job.id AND (status < {(int)JobItemStatus.Done} OR changed_at >= now() - {olderThan}))
             """,
            cancellationToken);
}
