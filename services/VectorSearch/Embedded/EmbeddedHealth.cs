using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FaceCloud.VectorSearch.Embedded;

/// <summary>Healthy once the folder is open; degraded while the index of a recogniser is damaged, which a rebuild mends.</summary>
internal sealed class EmbeddedHealth(EmbeddedFaceIndex index) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(index switch
        {
            { IsOpen: false } => HealthCheckResult.Unhealthy("Not open yet."),
            { IsDamaged: true } => HealthCheckResult.Degraded("An index is damaged and has to be rebuilt."),
            _ => HealthCheckResult.Healthy(),
        });
}
