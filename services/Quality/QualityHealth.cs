using FaceCloud.Quality.Data;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FaceCloud.Quality;

/// <summary>Healthy while the database answers.</summary>
internal sealed class QualityHealth(QualityDb db) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await db.Database.CanConnectAsync(cancellationToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The database does not answer.");
}
