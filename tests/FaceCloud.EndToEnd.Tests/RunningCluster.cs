using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using FaceCloud.Contracts;
using FaceCloud.EmbeddedPostgres;
using FaceCloud.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Sdk;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>
/// Gateway and services, a process for each of their replicas, told of each other by plain configuration; PostgreSQL and RabbitMQ beside them. One
/// for all tests of the collection, which leave every part of it running.
/// </summary>
public sealed class RunningCluster : IAsyncLifetime
{
    /// <summary>In the order in which they are started: each needs those before it.</summary>
    private static readonly Part[] Parts =
    [
        new(ServiceNames.Detection, "FaceCloud.Detection"),
        new(ServiceNames.VectorSearch, "FaceCloud.VectorSearch"),
        new(ServiceNames.Embedding, "FaceCloud.Embedding", Replicas: 2),
        new(ServiceNames.Quality, "FaceCloud.Quality"),
        new(ServiceNames.Identity, "FaceCloud.Identity", Replicas: 2),
        new(ServiceNames.Gateway, "FaceCloud.Gateway"),
    ];

    private readonly DataFolder _data = new();
    private readonly byte[] _signingKey = RandomNumberGenerator.GetBytes(32);
    private readonly Dictionary<string, Replica[]> _replicas = [];
    private EmbeddedPostgres.EmbeddedPostgres? _postgres;
    private TelemetryReceiver? _telemetry;
    private RabbitMqServer? _broker;
    private HttpClient? _http;
    private SkipException? _missing;

    /// <summary>The services, without the gateway before them.</summary>
    public static IReadOnlyList<string> Services => [.. Parts.Select(part => part.Service).Where(service => service != ServiceNames.Gateway)];

    /// <summary>Speaks to the gateway.</summary>
    public HttpClient Http => _http ?? throw _missing!;

    /// <summary>What the processes tell of themselves.</summary>
    public TelemetryReceiver Telemetry => _telemetry ?? throw _missing!;

    public RabbitMqServer Broker => _broker ?? throw _missing!;

    public string ConnectionString => _postgres?.ConnectionString ?? throw _missing!;

    public string Files => Path.Combine(_data.Path, "files");

    public async ValueTask InitializeAsync()
    {
        try
        {
            _ = TestFiles.Models;
            _broker = await RabbitMqServer.StartNewAsync();
        }
        catch (SkipException missing)
        {
            // A test may skip; a fixture that does fails its tests.
            _missing = missing;
            return;
        }

        _telemetry = await TelemetryReceiver.StartAsync();
        _postgres = await EmbeddedPostgres.EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = _data.Path, MaxConnections = 150 }, NullLogger.Instance);

        // Identity and quality ask each other, so one of them is told where the other will be.
        _replicas[ServiceNames.Identity] =
            [.. Enumerable.Range(0, 2).Select(_ => Replica.AtKnownAddresses())];
        foreach (var part in Parts)
        {
            await StartAsync(part.Service);
        }

        _http = new HttpClient { BaseAddress = AddressOf(ServiceNames.Gateway), Timeout = TimeSpan.FromMinutes(2) };
    }

    /// <summary>Of the first replica, past the gateway.</summary>
    public Uri AddressOf(string service, int replica = 0) => _missing is null ? _replicas[service][replica].Address! : throw _missing;

    /// <summary>What the replicas of a service wrote.</summary>
    public IReadOnlyList<string> OutputsOf(string service) => [.. _replicas[service].Select(replica => replica.Process!.Output)];

    /// <summary>All replicas of a service.</summary>
    public Task KillAsync(string service) => _missing is null
        ? Task.WhenAll(_replicas[service].Select(replica => replica.Process!.KillAsync()))
        : throw _missing;

    public Task KillAsync(string service, int replica) => _replicas[service][replica].Process!.KillAsync();

    /// <summary>Starts all replicas of a service, after a kill at the addresses they had.</summary>
    public async Task StartAsync(string service)
    {
        var part = Parts.Single(part => part.Service == service);
        if (!_replicas.TryGetValue(service, out var replicas))
        {
            _replicas[service] = replicas = [.. Enumerable.Range(0, part.Replicas).Select(_ => new Replica())];
        }

        await Task.WhenAll(replicas.Select(replica => StartAsync(part, replica)));
    }

    public Task StartAsync(string service, int replica) => StartAsync(Parts.Single(part => part.Service == service), _replicas[service][replica]);

    /// <summary>SIGKILL to PostgreSQL, which is started again at once, and takes as long as it takes to read its log.</summary>
    public void KillDatabase() => DatabaseServer.Kill(_data.Path);

    /// <summary>A client that sees only a gallery of its own.</summary>
    public HttpClient Gallery(string name)
    {
        var http = new HttpClient { BaseAddress = Http.BaseAddress, Timeout = Http.Timeout };
        http.DefaultRequestHeaders.Add("X-Gallery", name);
        return http;
    }

    /// <summary>Such a client that says who it is.</summary>
    public HttpClient As(string role, string gallery)
    {
        var http = Gallery(gallery);
        http.DefaultRequestHeaders.Authorization = new("Bearer", new HandMadeToken { Role = role }.SignWith(_signingKey));
        return http;
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        foreach (var process in _replicas.Values.SelectMany(replicas => replicas).Select(replica => replica.Process).OfType<ServiceProcess>())
        {
            await process.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        if (_telemetry is not null)
        {
            await _telemetry.DisposeAsync();
        }

        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        _data.Dispose();
    }

    private async Task StartAsync(Part part, Replica replica)
    {
        if (replica.Process is { } killed)
        {
            await killed.DisposeAsync();
        }

        // Beside the port that everybody may ask, services have one for each other that speaks HTTP/2.
        var isGateway = part.Service == ServiceNames.Gateway;
        var settings = Settings();
        if (!isGateway)
        {
            settings["Kestrel__Endpoints__http__Url"] = replica.Address?.AbsoluteUri ?? ServiceProcess.AnyPort;
            settings["Kestrel__Endpoints__http2__Url"] = replica.Http2Address?.AbsoluteUri ?? ServiceProcess.AnyPort;
            settings["Kestrel__Endpoints__http2__Protocols"] = "Http2";
        }

        replica.LetGoOfAddresses();
        replica.Process = new ServiceProcess(
            ServiceProcess.Built(part.Project), settings, isGateway ? replica.Address?.AbsoluteUri ?? ServiceProcess.AnyPort : null);
        replica.Address = await replica.Process.StartAsync();
        replica.Http2Address = isGateway ? null : replica.Process.Addresses[1];
    }

    private Dictionary<string, string> Settings()
    {
        var settings = new Dictionary<string, string>(Telemetry.Settings)
        {
            ["Models__Path"] = TestFiles.Models,
            ["Models__AcceptLicenses"] = "noncommercial",
            ["Auth__SigningKey"] = Convert.ToBase64String(_signingKey),
            ["VectorSearch__Path"] = Path.Combine(_data.Path, "index"),
            ["Files__Path"] = Files,

            // A link that one replica signed is asked of another.
            ["Files__UrlKey"] = Convert.ToBase64String(_signingKey),
            [$"ConnectionStrings__{ServiceNames.IdentityDb}"] =
                new Npgsql.NpgsqlConnectionStringBuilder(ConnectionString) { MaxPoolSize = 40 }.ConnectionString,
            [$"ConnectionStrings__{ServiceNames.QualityDb}"] = ConnectionString,
            [$"ConnectionStrings__{ServiceNames.Messaging}"] = Broker.ConnectionString,

            // A database that is killed forgets the last steps of photos, see RepeatableWork.
            ["Library__SweepPeriod"] = "00:00:05",
            ["Library__Overdue"] = "00:00:30",
        };
        foreach (var (service, replicas) in _replicas)
        {
            for (var i = 0; i < replicas.Length && replicas[i].Address is not null; i++)
            {
                settings[$"services__{service}__http__{i}"] = replicas[i].Address!.AbsoluteUri;
                if (replicas[i].Http2Address is { } http2)
                {
                    settings[$"services__{service}__http2__{i}"] = http2.AbsoluteUri;
                }
            }
        }

        return settings;
    }

    private sealed record Part(string Service, string Project, int Replicas = 1);

    private sealed class Replica
    {
        private Socket[] _held = [];

        public ServiceProcess? Process { get; set; }

        public Uri? Address { get; set; }

        public Uri? Http2Address { get; set; }

        /// <summary>One whose addresses are known before it starts.</summary>
        public static Replica AtKnownAddresses()
        {
            // Held, so that no other process gets the ports, and not listened at.
            var held = Enumerable.Range(0, 2).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToArray();
            var addresses = held.Select(socket =>
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                return new Uri($"http://{socket.LocalEndPoint}");
            }).ToArray();
            return new Replica { Address = addresses[0], Http2Address = addresses[1], _held = held };
        }

        public void LetGoOfAddresses()
        {
            foreach (var socket in _held)
            {
                socket.Dispose();
            }

            _held = [];
        }
    }
}

/// <summary>Classes that share the cluster.</summary>
[CollectionDefinition]
public sealed class SharedCluster : ICollectionFixture<RunningCluster>;
