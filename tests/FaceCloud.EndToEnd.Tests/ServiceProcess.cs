using System.Diagnostics;
using System.Text;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>A built program of FaceCloud as a process of its own, listening on the loopback.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    public const string AnyPort = "http://127.0.0.1:0";

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly List<Uri> _addresses = [];
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="program">See <see cref="Built"/>.</param>
    /// <param name="settings">Environment variables.</param>
    /// <param name="url">Where to listen; null where the settings say it.</param>
    public ServiceProcess(string program, IReadOnlyDictionary<string, string> settings, string? url = AnyPort)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.ArgumentList.Add(program);
        if (url is not null)
        {
            start.ArgumentList.Add("--urls");
            start.ArgumentList.Add(url);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data, _errors);
    }

    public int Pid => _process.Id;

    /// <summary>Where it listens, in the order of its settings, once it does.</summary>
    public IReadOnlyList<Uri> Addresses => _addresses;

    /// <summary>Once it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>What it wrote to standard output and standard error.</summary>
    public string Output => Text(_output);

    /// <summary>What it wrote to standard error.</summary>
    public string Errors => Text(_errors);

    /// <summary>A built program: the neighbour of this test project in the same configuration.</summary>
    public static string Built(string project, string? assembly = null) => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", project, new DirectoryInfo(AppContext.BaseDirectory).Name, $"{assembly ?? project}.dll"));

    /// <summary>Starts the program.</summary>
    /// <returns>Its (first) address, once it listens.</returns>
    public async Task<Uri> StartAsync()
    {
        _process.Exited += async (_, _) =>
        {
            // One that listened may be disposed of by now.
            if (!_started.Task.IsCompleted)
            {
                // Its last words may still be on their way.
                await _process.WaitForExitAsync();
                _started.TrySetException(new InvalidOperationException(
                    $"{Path.GetFileNameWithoutExtension(_process.StartInfo.ArgumentList[0])} "
                        + $"ended before it listened (exit code {_process.ExitCode}):\n{Output}"));
            }
        };
        Launch();
        await _started.Task.WaitAsync(StartLimit);
        return _addresses[0];
    }

    /// <summary>Runs the program where it is expected not to start.</summary>
    public async Task<int> RunToEndAsync()
    {
        Launch();
        await _process.WaitForExitAsync().WaitAsync(StartLimit);
        return _process.ExitCode;
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
        // Nobody waits for it any more: its end is no news.
        _started.TrySetCanceled();
        await StopAsync();
        _process.Dispose();
    }

    private void Launch()
    {
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private string Text(StringBuilder lines)
    {
        lock (_output)
        {
            return lines.ToString();
        }
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
            _addresses.Add(new Uri(line[(at + Listening.Length)..].Trim()));
        }
        else if (line.Contains("Application started.", StringComparison.Ordinal))
        {
            _started.TrySetResult();
        }
    }
}
