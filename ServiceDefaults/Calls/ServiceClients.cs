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
        var http2 = ServiceAddresses.OfHttp2(builder.Configuration, service);
        var addresses = http2.Count > 0 ? http2 : ServiceAddresses.Of(builder.Configuration, service);
        builder.Services.AddHttpClient<TPort, TClient>(service, http =>
            {
                http.BaseAddress = addresses[0]; // one of them, see ResilientCalls

                // HTTP/2 where the address is https: TLS settles it (ALPN) on the port that also answers probes and browsers in HTTP/1.1. A
                // cleartext port of Kestrel speaks one of the two, so there it has to be said: docs/decisions/calls-between-services.md.
                http.DefaultRequestVersion = HttpVersion.Version20;
                http.DefaultVersionPolicy = http2.Count > 0 ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower;
            })
            .AddResilientCalls(addresses);
    }

    /// <summary>Has a client call a server as services call each other: with the patience of <see cref="CallOptions"/>.</summary>
    /// <param name="client">Its base address may be any of the server's.</param>
    /// <param name="addresses">One of each replica.</param>
    public static void AddResilientCalls(this IHttpClientBuilder client, IReadOnlyList<Uri> addresses)
    {
        client.Services.AddOptions<CallOptions>().BindConfiguration("Calls").ValidateDataAnnotations().ValidateOnStart();
        client
            .ConfigureHttpClient(http => http.Timeout = Timeout.InfiniteTimeSpan) // see ResilientCalls
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                ConnectTimeout = TimeSpan.FromSeconds(2),

                // A machine that is gone without a word is noticed while an answer is waited for.
                KeepAlivePingDelay = TimeSpan.FromSeconds(10),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
                KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
                EnableMultipleHttp2Connections = true,

                // Addresses of a service that is scaled or moved are looked up again.
                PooledConnectionLifetime = TimeSpan.FromMinutes(1),
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
            })
            .AddHttpMessageHandler(services => new ResilientCalls(services.GetRequiredService<IOptions<CallOptions>>().Value, addresses))

            // One for the life of the process: it is what knows that a service is failing.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers();
    }
}
