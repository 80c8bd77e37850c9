using System.Net;
using FaceCloud.ServiceDefaults.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FaceCloud.Gateway.Tests;

/// <summary>A service on a socket of the loopback that answers as the test says, and is healthy.</summary>
internal sealed class FakeService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeService(WebApplication app) => (_app, Address) = (app, new Uri(app.Urls.Single()));

    public Uri Address { get; }

    /// <param name="answer">To everything but <c>/health</c> and <c>/health/ready</c>.</param>
    /// <param name="port">Any free one if 0.</param>
    public static async Task<FakeService> StartAsync(RequestDelegate answer, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        var app = builder.Build();
        app.Map("/health", () => new Dictionary<string, object> { ["status"] = "healthy", [HealthFacts.Provider] = "cpu" });
        app.Map("/health/ready", () => Results.Ok());
        app.MapFallback("{**path}", answer);
        await app.StartAsync();
        return new FakeService(app);
    }

    /// <summary>One that answers its name.</summary>
    public static Task<FakeService> NamedAsync(string name, int port = 0) => StartAsync(context => context.Response.WriteAsync(name), port);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
