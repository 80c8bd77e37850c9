using FaceCloud.Contracts.Clients;
using FaceCloud.Contracts.Ports;
using FaceCloud.Detection;
using FaceCloud.Embedding;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Calls;
using FaceCloud.VectorSearch;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FaceCloud.Contracts.Tests;

/// <summary>The services' endpoints on a socket of the loopback, with ports of the test behind them, and their clients as a host registers them.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly WebApplication? _server;
    private readonly IHost _client;

    private Service(WebApplication? server, string address, IEnumerable<KeyValuePair<string, string?>> settings)
    {
        _server = server;
        Address = new Uri(address);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            new[] { ServiceNames.Detection, ServiceNames.Embedding, ServiceNames.VectorSearch }
                .Select(name => new KeyValuePair<string, string?>($"services:{name}:http:0", address)));
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddServiceClient<IFaceDetector, HttpFaceDetector>(ServiceNames.Detection);
        builder.AddServiceClient<IFaceEmbedder, HttpFaceEmbedder>(ServiceNames.Embedding);
        builder.AddServiceClient<IFaceIndex, HttpFaceIndex>(ServiceNames.VectorSearch);
        _client = builder.Build();
    }

    public Uri Address { get; }

    public IFaceDetector Detector => _client.Services.GetRequiredService<IFaceDetector>();

    public IFaceEmbedder Embedder => _client.Services.GetRequiredService<IFaceEmbedder>();

    public IFaceIndex Index => _client.Services.GetRequiredService<IFaceIndex>();

    public static Task<Service> StartAsync(FakePorts ports, params (string Key, string Value)[] settings) => StartAsync(
        app =>
        {
            app.MapInternalDetection();
            app.MapInternalEmbedding();
            app.MapInternalVectorSearch();
        },
        ports,
        settings);

    /// <summary>Endpoints of the test itself.</summary>
    public static async Task<Service> StartAsync(Action<WebApplication> map, FakePorts? ports = null, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        ports ??= new FakePorts();
        builder.Services.AddSingleton<IFaceDetector>(ports).AddSingleton<IFaceEmbedder>(ports).AddSingleton<IFaceIndex>(ports);
        var server = builder.Build();
        server.UseServiceDefaults();
        map(server);
        await server.StartAsync();
        return new Service(server, server.Urls.Single(), settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
    }

    /// <summary>An address where nobody listens.</summary>
    public static Service Nowhere()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return new Service(null, $"http://{listener.LocalEndpoint}", []);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
