using FaceCloud.Contracts;
using FaceCloud.EmbeddedPostgres;
using FaceCloud.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Sdk;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>Gateway and services, a process each, told of each other by plain configuration; PostgreSQL beside them.</summary>
public sealed class RunningCluster : IAsyncLifetime
{
    private readonly DataFolder _data = new();
    private readonly Dictionary<string, ServiceProcess> _processes = [];
    private readonly Dictionary<string, Uri> _addresses = [];
    private EmbeddedPostgres.EmbeddedPostgres? _postgres;
    private HttpClient? _http;
    private SkipException? _missing;

    /// <summary>Speaks to the gateway.</summary>
    public HttpClient Http => _http ?? throw _missing!;

    public async ValueTask InitializeAsync()
    {
        try
        {
            _ = TestFiles.Models;
        }
        catch (SkipException missing)
        {
            // A test may skip; a fixture that does fails its tests.
            _missing = missing;
            return;
        }

        _postgres = await EmbeddedPostgres.EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = _data.Path }, NullLogger.Instance);
        await Task.WhenAll(StartAsync(ServiceNames.Detection), StartAsync(ServiceNames.VectorSearch));
        await StartAsync(ServiceNames.Embedding);
        await StartAsync(ServiceNames.Identity);
        await StartAsync(ServiceNames.Gateway);
        _http = new HttpClient { BaseAddress = AddressOf(ServiceNames.Gateway), Timeout = TimeSpan.FromMinutes(2) };
    }

    public Uri AddressOf(string service) => _missing is null ? _addresses[service] : throw _missing;

    public Task KillAsync(string service) => _missing is null ? _processes[service].KillAsync() : throw _missing;

    /// <summary>Starts a service, after a kill at the address it had.</summary>
    public async Task StartAsync(string service)
    {
        var (again, address) = (_addresses.TryGetValue(service, out var known), known);
        if (again)
        {
            await _processes[service].DisposeAsync();
        }

        var process = new ServiceProcess(Program(service), Settings(), again ? address!.AbsoluteUri : ServiceProcess.AnyPort);
        lock (_processes)
        {
            _processes[service] = process;
        }

        var listening = await process.StartAsync();
        lock (_processes)
        {
            _addresses[service] = listening;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        foreach (var process in _processes.Values)
        {
            await process.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        _data.Dispose();
    }

    private static string Program(string service) => ServiceProcess.Built(service switch
    {
        ServiceNames.Gateway => "FaceCloud.Gateway",
        ServiceNames.Detection => "FaceCloud.Detection",
        ServiceNames.Embedding => "FaceCloud.Embedding",
        ServiceNames.VectorSearch => "FaceCloud.VectorSearch",
        _ => "FaceCloud.Identity",
    });

    private Dictionary<string, string> Settings()
    {
        var settings = new Dictionary<string, string>
        {
            ["Models__Path"] = TestFiles.Models,
            ["Models__AcceptLicenses"] = "noncommercial",
            ["VectorSearch__Path"] = Path.Combine(_data.Path, "index"),
            [$"ConnectionStrings__{ServiceNames.IdentityDb}"] = _postgres!.ConnectionString,
        };
        lock (_processes)
        {
            foreach (var (name, address) in _addresses)
            {
                settings[$"services__{name}__http__0"] = address.AbsoluteUri;
            }
        }

        return settings;
    }
}
