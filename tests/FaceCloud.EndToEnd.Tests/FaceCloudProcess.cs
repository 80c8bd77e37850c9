using System.Diagnostics;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>The program <c>facecloud</c> as a process of its own, on a free port of the loopback, with a data folder that outlives it.</summary>
public sealed class FaceCloudProcess : IAsyncDisposable
{
    private readonly ServiceProcess _process;

    private FaceCloudProcess(string data, IReadOnlyDictionary<string, string> settings)
    {
        Data = data;
        var environment = new Dictionary<string, string>
        {
            ["FACECLOUD_DATA"] = data,
            ["FACECLOUD_MODELS"] = settings.GetValueOrDefault("FACECLOUD_MODELS") ?? TestFiles.Models,
            ["Models__AcceptLicenses"] = "noncommercial",
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        _process = new ServiceProcess(Program, environment);
    }

    public static string Program { get; } = ServiceProcess.Built("FaceCloud.Standalone", "facecloud");

    public string Data { get; }

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromMinutes(2) };

    public TimeSpan StartedIn { get; private set; }

    public int Pid => _process.Pid;

    /// <inheritdoc cref="ServiceProcess.ExitCode"/>
    public int ExitCode => _process.ExitCode;

    /// <inheritdoc cref="ServiceProcess.Output"/>
    public string Output => _process.Output;

    /// <summary>Starts the program and waits until it answers that it is ready.</summary>
    public static async Task<FaceCloudProcess> StartAsync(string data, IReadOnlyDictionary<string, string>? settings = null)
    {
        var facecloud = new FaceCloudProcess(data, settings ?? new Dictionary<string, string>());
        try
        {
            var clock = Stopwatch.StartNew();
            facecloud.Http.BaseAddress = await facecloud._process.StartAsync();
            using var ready = await facecloud.Http.GetAsync("/health/ready");
            ready.EnsureSuccessStatusCode();
            facecloud.StartedIn = clock.Elapsed;
            return facecloud;
        }
        catch
        {
            await facecloud.DisposeAsync();
            throw;
        }
    }

    /// <summary>Such a client that says who it is, as the quality dialect asks of everybody.</summary>
    public HttpClient Photographer(string gallery) => As("photographer", gallery);

    /// <summary>The same in any role.</summary>
    public HttpClient As(string role, string gallery) => As("anna", role, gallery);

    /// <summary>Such a client of somebody.</summary>
    public HttpClient As(string name, string role, string gallery)
    {
        var http = Gallery(gallery);
        http.DefaultRequestHeaders.Authorization = new("Bearer", Token(name, role));
        return http;
    }

    /// <summary>A token of somebody.</summary>
    public string Token(string name, string role) =>
        new HandMadeToken { Subject = name, Role = role }.SignWith(Convert.FromBase64String(File.ReadAllText(Path.Combine(Data, "token.key"))));

    /// <summary>A client that sees only a gallery of its own.</summary>
    public HttpClient Gallery(string name)
    {
        var http = new HttpClient { BaseAddress = Http.BaseAddress, Timeout = Http.Timeout };
        http.DefaultRequestHeaders.Add("X-Gallery", name);
        return http;
    }

    /// <summary>Runs the program where it is expected not to start.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunToEndAsync(string data, IReadOnlyDictionary<string, string> settings)
    {
        await using var facecloud = new FaceCloudProcess(data, settings);
        return (await facecloud._process.RunToEndAsync(), facecloud.Output, facecloud._process.Errors);
    }

    /// <inheritdoc cref="ServiceProcess.KillAsync"/>
    public Task KillAsync() => _process.KillAsync();

    /// <inheritdoc cref="ServiceProcess.StopAsync"/>
    public Task StopAsync() => _process.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
    }
}
