using FaceCloud.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FaceCloud.Embedding;

/// <summary>Healthy once the recogniser has answered an inference; tells which it is and what it runs on.</summary>
internal sealed class EmbeddingHealth(FaceEmbedder embedder) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var model = embedder.Network.Description;
        var facts = new Dictionary<string, object>
        {
            [HealthFacts.RecognitionModel] = model.Name,
            [HealthFacts.RecognitionNetworks] = new[]
            {
                new LoadedNetwork(model.Role.ToString().ToLowerInvariant(), model.Name, model.Licence.Name, model.File.Sha256),
            },
            [HealthFacts.Provider] = embedder.Network.Session.Provider.ToString().ToLowerInvariant(),
        };
        return Task.FromResult(embedder.Network.Ready ? HealthCheckResult.Healthy(data: facts) : HealthCheckResult.Unhealthy("Not warmed up.", data: facts));
    }
}

/// <summary>Loads the recogniser and runs it once before the first request is taken.</summary>
internal sealed class EmbeddingWarmUp(FaceEmbedder embedder) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.Run(embedder.WarmUp, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
