using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FaceCloud.Identity.Jobs;

/// <summary>Deletes jobs that ended long ago, at the start and then now and again. Their photos stay.</summary>
internal sealed class JobSweep(IServiceScopeFactory scopes, IOptions<LibraryOptions> options, ILogger<JobSweep> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepPeriod);
        do
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var deleted = await ForgetAsync(scope.ServiceProvider.GetRequiredService<IdentityDb>(), options.Value.JobsKept, stoppingToken);
                if (deleted > 0)
                {
                    logger.LogInformation("{Count} jobs ended more than {Kept} ago and are deleted", deleted, options.Value.JobsKept);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.LogError(e, "Old jobs could not be deleted; it is tried again");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
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
