using System.Net;
using System.Net.Sockets;
using FaceCloud.Contracts.Clients;
using FaceCloud.Contracts.Ports;
using FaceCloud.Detection;
using FaceCloud.Embedding;
using FaceCloud.Identity;
using FaceCloud.Quality;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Calls;
using FaceCloud.VectorSearch;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FaceCloud.Contracts.Tests;

/// <summary>The services' endpoints on a socket of the loopback, with ports of the test behind them, and their clients as a host registers them.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly WebApplication? _server;
    private readonly Socket? _nobody;
    private readonly IHost _client;

    private Service(
        WebApplication? server,
        string address,
        IEnumerable<KeyValuePair<string, string?>> settings,
        HttpProtocols protocols = HttpProtocols.Http1,
        Socket? nobody = null)
    {
        var endpoint = protocols == HttpProtocols.Http2 ? "http2" : "http";
        (_server, _nobody) = (server, nobody);
        Address = new Uri(address);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            new[] { ServiceNames.Detection, ServiceNames.Embedding, ServiceNames.VectorSearch, ServiceNames.Quality, ServiceNames.Identity }
                .Select(name => new KeyValuePair<string, string?>($"services:{name}:{endpoint}:0", address)));
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddServiceClient<IFaceDetector, HttpFaceDetector>(ServiceNames.Detection);
        builder.AddServiceClient<IFaceEmbedder, HttpFaceEmbedder>(ServiceNames.Embedding);
        builder.AddServiceClient<IFaceIndex, HttpFaceIndex>(ServiceNames.VectorSearch);
        builder.AddServiceClient<IFaceAssessor, HttpFaceAssessor>(ServiceNames.Quality);
        builder.AddServiceClient<IFaceDirectory, HttpFaceDirectory>(ServiceNames.Identity);
        _client = builder.Build();
    }

    public Uri Address { get; }

    public IFaceDetector Detector => _client.Services.GetRequiredService<IFaceDetector>();

    public IFaceEmbedder Embedder => _client.Services.GetRequiredService<IFaceEmbedder>();

    public IFaceIndex Index => _client.Services.GetRequiredService<IFaceIndex>();

    public IFaceAssessor Assessor => _client.Services.GetRequiredService<IFaceAssessor>();

    public IFaceDirectory Directory => _client.Services.GetRequiredService<IFaceDirectory>();

    public static Task<Service> StartAsync(FakePorts ports, params (string Key, string Value)[] settings) => StartAsync(MapAll, ports, settings);

    /// <summary>On a port that speaks HTTP/2 without TLS and nothing else.</summary>
    public static Task<Service> StartHttp2Async(FakePorts ports) => StartAsync(MapAll, ports, [], HttpProtocols.Http2);

    /// <summary>Endpoints of the test itself.</summary>
    public static Task<Service> StartAsync(Action<WebApplication> map, FakePorts? ports = null, params (string Key, string Value)[] settings) =>
        StartAsync(map, ports, settings, HttpProtocols.Http1);

    private static void MapAll(WebApplication app)
    {
        app.MapInternalDetection();
        app.MapInternalEmbedding();
        app.MapInternalVectorSearch();
        app.MapInternalQuality();
        app.MapInternalIdentity();
    }

    private static async Task<Service> StartAsync(Action<WebApplication> map, FakePorts? ports, (string Key, string Value)[] settings, HttpProtocols protocols)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        builder.AddServiceDefaults();
        ports ??= new FakePorts();
        builder.Services.AddSingleton<IFaceDetector>(ports).AddSingleton<IFaceEmbedder>(ports).AddSingleton<IFaceIndex>(ports)
            .AddSingleton<IFaceAssessor>(ports).AddSingleton<IFaceDirectory>(ports);
        var server = builder.Build();
        server.UseServiceDefaults();
        map(server);
        await server.StartAsync();
        return new Service(server, server.Urls.Single(), settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)), protocols);
    }

    /// <summary>An address where nobody listens.</summary>
    public static Service Nowhere()
    {
        // Held, so that nobody else gets the port, and not listened at.
        var held = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        held.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return new Service(null, $"http://{held.LocalEndPoint}", [], nobody: held);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _nobody?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
