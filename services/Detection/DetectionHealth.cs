using FaceCloud.Inference;
using FaceCloud.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FaceCloud.Detection;

/// <summary>Healthy once the networks have answered an inference; tells which they are and what they run on.</summary>
internal sealed class DetectionHealth(FaceDetector detector) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var facts = new Dictionary<string, object>
        {
            [HealthFacts.DetectionModel] = detector.Network.Description.Name,
            [HealthFacts.DetectionNetworks] = new[] { detector.Network, detector.LandmarksNetwork, detector.AttributesNetwork }
                .OfType<Network>().Select(Loaded).ToArray(),
            [HealthFacts.Provider] = detector.Network.Session.Provider.ToString().ToLowerInvariant(),
        };
        if (detector.AttributesNetwork is { } attributes)
        {
            facts[HealthFacts.AttributesModel] = attributes.Description.Name;
        }

        return Task.FromResult(detector.Network.Ready ? HealthCheckResult.Healthy(data: facts) : HealthCheckResult.Unhealthy("Not warmed up.", data: facts));
    }

    private static LoadedNetwork Loaded(Network network)
    {
        var model = network.Description;
        return new LoadedNetwork(model.Role.ToString().ToLowerInvariant(), model.Name, model.Licence.Name, model.File.Sha256);
    }
}

/// <summary>Loads the networks and runs each once before the first request is taken.</summary>
internal sealed class DetectionWarmUp(FaceDetector detector) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.Run(detector.WarmUp, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
