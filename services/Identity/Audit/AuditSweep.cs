using FaceCloud.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace FaceCloud.Identity.Audit;

/// <summary>Deletes entries of the audit trail that are older than the retention, at the start and then now and again.</summary>
internal sealed class AuditSweep(IServiceScopeFactory scopes, IOptions<AuditOptions> options, ILogger<AuditSweep> logger)
    : PeriodicWork(scopes, options.Value.SweepPeriod, logger)
{
    protected override string Name => "The sweep of the audit trail";

    protected override async Task WorkAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var deleted = await services.GetRequiredService<AuditTrail>().ForgetAsync(TimeSpan.FromDays(options.Value.RetentionDays), cancellationToken);
        if (deleted > 0)
        {
            Logger.LogInformation("{Count} entries of the audit trail were older than {Days} days and are deleted", deleted, options.Value.RetentionDays);
        }
    }
}
