using System.Diagnostics;
using System.Text;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>The program <c>facecloud</c> as a process of its own, on a free port of the loopback, with a data folder that outlives it.</summary>
public sealed class FaceCloudProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FaceCloudProcess(string data, IReadOnlyDictionary<string, string> settings)
    {
        Data = data;
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.ArgumentList.Add(Program);
        start.ArgumentList.Add("--urls");
        start.ArgumentList.Add("http://127.0.0.1:0");
        start.Environment["FACECLOUD_DATA"] = data;
        start.Environment["FACECLOUD_MODELS"] = TestFiles.Models;
        start.Environment["Models__AcceptLicenses"] = "noncommercial";
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data, _errors);
        _process.Exited += (_, _) => _address.TrySetException(new InvalidOperationException($"facecloud ended before it listened:\n{Output}"));
    }

    /// <summary>The built program: the neighbour of this test project in the same configuration.</summary>
    public static string Program { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "FaceCloud.Standalone", new DirectoryInfo(AppContext.BaseDirectory).Name, "facecloud.dll"));

    public string Data { get; }

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromMinutes(2) };

    public TimeSpan StartedIn { get; private set; }

    public int Pid => _process.Id;

    /// <summary>Once it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>What it wrote to standard output and standard error.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts the program and waits until it answers that it is ready.</summary>
    public static async Task<FaceCloudProcess> StartAsync(string data, IReadOnlyDictionary<string, string>? settings = null)
    {
        var facecloud = new FaceCloudProcess(data, settings ?? new Dictionary<string, string>());
        try
        {
            var clock = Stopwatch.StartNew();
            facecloud.Launch();
            facecloud.Http.BaseAddress = await facecloud._address.Task.WaitAsync(StartLimit);
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

    /// <summary>Runs the program where it is expected not to start.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunToEndAsync(string data, IReadOnlyDictionary<string, string> settings)
    {
        await using var facecloud = new FaceCloudProcess(data, settings);
        facecloud.Launch();
        await facecloud._process.WaitForExitAsync().WaitAsync(StartLimit);
        return (facecloud.ExitCode, facecloud.Output, facecloud._errors.ToString());
    }

    /// <summary>SIGKILL: no code of the program runs any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as an init system stops it.</summary>
    public async Task StopAsync()
    {
        if (!_process.HasExited)
        {
            Signals.Send(_process.Id, Signals.Terminate);
            await _process.WaitForExitAsync().WaitAsync(StartLimit);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await StopAsync();
        _process.Dispose();
    }

    private void Launch()
    {
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Read(string? line, StringBuilder? also = null)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
            also?.AppendLine(line);
        }

        const string Listening = "Now listening on: ";
        if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
        {
            _address.TrySetResult(new Uri(line[(at + Listening.Length)..].Trim()));
        }
    }
}
