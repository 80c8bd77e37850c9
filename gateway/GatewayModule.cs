using FaceCloud.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FaceCloud.Gateway;

/// <summary>The edge of the cluster: forwards, and says how the services are. It knows nothing of faces.</summary>
internal static class GatewayModule
{
    public static void AddGateway(this WebApplicationBuilder builder)
    {
        // Forwarding streams both ways, passes the trace context on, and never sends a request twice.
        builder.Services.AddReverseProxy()
            .LoadFromMemory(Routes.Table, [.. Service.All.Where(service => service.Routed).Select(service => service.Cluster(builder.Configuration))])
            .ConfigureHttpClient((_, handler) =>
            {
                handler.ConnectTimeout = TimeSpan.FromSeconds(2);
                handler.PooledConnectionLifetime = TimeSpan.FromMinutes(1); // as between services
            });

        builder.Services.AddHttpClient(nameof(ServiceHealth)).RemoveAllLoggers();
        var health = builder.Services.AddHealthChecks();
        foreach (var service in Service.All)
        {
            health.Add(new HealthCheckRegistration(
                service.Name,
                services => ActivatorUtilities.CreateInstance<ServiceHealth>(services, service),
                service.Needed ? HealthStatus.Unhealthy : HealthStatus.Degraded,
                [HealthEndpoints.AnotherService],
                ServiceHealth.Patience));
        }
    }

    public static void MapGateway(this WebApplication app) => app.MapReverseProxy();
}
