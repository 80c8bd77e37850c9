using FaceCloud.Contracts;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FaceCloud.VectorSearch.Qdrant;

/// <summary>Healthy while the server answers, takes the key and is not too old.</summary>
internal sealed class QdrantHealth(QdrantServer server) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var version = await server.VersionAsync(cancellationToken);
            if (version < QdrantFaceIndex.Oldest)
            {
                return HealthCheckResult.Unhealthy($"Qdrant {version} is too old; {QdrantFaceIndex.Oldest} is the oldest that will do.");
            }

            // The version is told to everyone, this to who has the key.
            await server.AliasesAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (FailureException e)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }
}
