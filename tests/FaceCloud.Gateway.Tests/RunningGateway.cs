using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace FaceCloud.Gateway.Tests;

/// <summary>The gateway, without the edge that asks who is calling.</summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningGateway(WebApplication app) => (_app, Http) = (app, new HttpClient { BaseAddress = new Uri(app.Urls.Single()) });

    public HttpClient Http { get; }

    /// <param name="addresses">Of services and their replicas, as in the configuration; where nothing is said of a service, nobody listens.</param>
    public static async Task<RunningGateway> StartAsync(params (string Service, Uri Address)[] addresses)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(
            from service in Service.All
            let known = addresses.Where(address => address.Service == service.Name)
                .Select(address => address.Address.AbsoluteUri).DefaultIfEmpty("http://127.0.0.1:1")
            from address in known.Select((text, i) => (Text: text, Number: i))
            select KeyValuePair.Create($"services:{service.Name}:http:{address.Number}", (string?)address.Text));
        builder.AddServiceDefaults();
        builder.AddGateway();
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapGateway();
        await app.StartAsync();
        return new RunningGateway(app);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}
