using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace FaceCloud.Identity;

/// <summary>Healthy while the database answers.</summary>
internal sealed class IdentityHealth(IdentityDb db, IOptions<DatabaseOptions> options) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var facts = new Dictionary<string, object> { [HealthFacts.DatabaseEnabled] = options.Value.Enabled };
        return await db.Database.CanConnectAsync(cancellationToken)
            ? HealthCheckResult.Healthy(data: facts)
            : HealthCheckResult.Unhealthy("The database does not answer.", data: facts);
    }
}
