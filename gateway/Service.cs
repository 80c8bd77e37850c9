using FaceCloud.Contracts;
using FaceCloud.ServiceDefaults.Calls;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace FaceCloud.Gateway;

/// <summary>A service behind the gateway.</summary>
/// <param name="Name">As in <see cref="ServiceNames"/>.</param>
/// <param name="Needed">Without it <c>/health</c> is 503; without any other it is 200. Both say <c>degraded</c>.</param>
/// <param name="Silence">How long it may say nothing before a request is given up.</param>
internal sealed record Service(string Name, bool Needed, TimeSpan Silence)
{
    public static readonly IReadOnlyList<Service> All =
    [
        new(ServiceNames.Detection, Needed: true, TimeSpan.FromMinutes(1)),
        new(ServiceNames.Embedding, Needed: true, TimeSpan.FromMinutes(1)),

        // Rebuilding an index of millions takes minutes and is silent meanwhile.
        new(ServiceNames.Identity, Needed: true, TimeSpan.FromMinutes(10)),

        // Without it faces are found and named all the same, and assessed when it is back.
        new(ServiceNames.Quality, Needed: false, TimeSpan.FromMinutes(1)),

        // No route leads there. Without it nobody is recognised, but people are enrolled and listed, and the index catches up.
        new(ServiceNames.VectorSearch, Needed: false, TimeSpan.Zero),
    ];

    public bool Routed => Routes.Table.Any(route => route.ClusterId == Name);

    /// <summary>The service as requests are forwarded to it: streamed both ways, to a replica that answers, once.</summary>
    public ClusterConfig Cluster(IConfiguration configuration) => new()
    {
        ClusterId = Name,
        Destinations = ServiceAddresses.Of(configuration, Name)
            .ToDictionary(uri => uri.AbsoluteUri, uri => new DestinationConfig { Address = uri.AbsoluteUri }),
        LoadBalancingPolicy = LoadBalancingPolicies.PowerOfTwoChoices,
        HttpRequest = new ForwarderRequestConfig { ActivityTimeout = Silence },
        HealthCheck = new HealthCheckConfig
        {
            Active = new ActiveHealthCheckConfig
            {
                Enabled = true,
                Path = "/health/ready",
                Interval = TimeSpan.FromSeconds(5),
                Timeout = TimeSpan.FromSeconds(2),
                Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures,
            },
            Passive = new PassiveHealthCheckConfig
            {
                Enabled = true,
                Policy = HealthCheckConstants.PassivePolicy.TransportFailureRate,
                ReactivationPeriod = TimeSpan.FromSeconds(5),
            },

            // Where none of the replicas looks healthy they are tried all the same: a service that is back is used at once.
            AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
        },
    };
}
