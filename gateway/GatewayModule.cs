using FaceCloud.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Transforms;

namespace FaceCloud.Gateway;

/// <summary>The edge of the cluster: forwards, and says how the services are. It knows nothing of faces.</summary>
internal static class GatewayModule
{
    public static void AddGateway(this WebApplicationBuilder builder)
    {
        // Forwarding streams both ways and passes the trace context on.
        builder.Services.AddReverseProxy()
            .LoadFromMemory(Routes.Table, [.. Service.All.Where(service => service.Routed).Select(service => service.Cluster(builder.Configuration))])
            .AddTransforms(transforms => transforms.AddXForwarded(ForwardedTransformActions.Append)) // links name the outermost address
            .ConfigureHttpClient((_, handler) =>
            {
                handler.ConnectTimeout = TimeSpan.FromSeconds(2);
                handler.PooledConnectionLifetime = TimeSpan.FromMinutes(1); // as between services
            });

        // A replica that is back is not passed over for what it did a minute ago.
        builder.Services.Configure<TransportFailureRateHealthPolicyOptions>(policy => policy.DetectionWindowSize = TimeSpan.FromSeconds(10));

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

    public static void MapGateway(this WebApplication app) => app.MapReverseProxy(proxy =>
    {
        proxy.Use(AnotherReplica.TryAsync);
        proxy.UseLoadBalancing();
        proxy.UsePassiveHealthChecks();
    });
}
