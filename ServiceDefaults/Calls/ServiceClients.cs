using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace FaceCloud.ServiceDefaults.Calls;

/// <summary>Ports whose implementation is another process.</summary>
public static class ServiceClients
{
    /// <summary>Registers a port as the client of a service.</summary>
    /// <exception cref="InvalidOperationException">The configuration does not say where the service is, see <see cref="ServiceAddresses"/>.</exception>
    public static void AddServiceClient<TPort, TClient>(this IHostApplicationBuilder builder, string service)
        where TPort : class
        where TClient : class, TPort
    {
        var address = ServiceAddresses.Of(builder.Configuration, service)[0];
        builder.Services.AddOptions<CallOptions>().BindConfiguration("Calls").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHttpClient<TPort, TClient>(service, http =>
            {
                http.BaseAddress = address;
                http.Timeout = Timeout.InfiniteTimeSpan; // see ResilientCalls

                // HTTP/2 where the address is https: TLS settles it (ALPN) on the port that also answers probes and browsers in HTTP/1.1. A
                // cleartext port of Kestrel speaks one of the two, so there it is HTTP/1.1 on kept connections: see
                // docs/decisions/calls-between-services.md.
                http.DefaultRequestVersion = HttpVersion.Version20;
                http.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                ConnectTimeout = TimeSpan.FromSeconds(2),
                EnableMultipleHttp2Connections = true,

                // Addresses of a service that is scaled or moved are looked up again.
                PooledConnectionLifetime = TimeSpan.FromMinutes(1),
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
            })
            .AddHttpMessageHandler(services => new ResilientCalls(services.GetRequiredService<IOptions<CallOptions>>().Value))

            // One for the life of the process: it is what knows that a service is failing.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers();
    }
}
