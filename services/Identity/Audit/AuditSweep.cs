using Microsoft.Extensions.Options;

namespace FaceCloud.Identity.Audit;

/// <summary>Deletes entries of the audit trail that are older than the retention, at the start and then now and again.</summary>
internal sealed class AuditSweep(IServiceScopeFactory scopes, IOptions<AuditOptions> options, ILogger<AuditSweep> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepPeriod);
        do
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var deleted = await scope.ServiceProvider.GetRequiredService<AuditTrail>()
                    .ForgetAsync(TimeSpan.FromDays(options.Value.RetentionDays), stoppingToken);
                if (deleted > 0)
                {
                    logger.LogInformation("{Count} entries of the audit trail were older than {Days} days and are deleted", deleted, options.Value.RetentionDays);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.LogError(e, "Old entries of the audit trail could not be deleted; it is tried again");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
