using System.Diagnostics;

namespace FaceCloud.EmbeddedPostgres;

/// <summary>A running postmaster, our child.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly ClusterFiles _files;
    private readonly ServerUser _user;
    private readonly Queue<string> _lastWords = [];
    private readonly Task _reading;

    private ServerProcess(Process process, ClusterFiles files, ServerUser user)
    {
        _process = process;
        _files = files;
        _user = user;
        _process.StandardInput.Close();
        _reading = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public static ServerProcess Start(EmbeddedPostgresOptions options, ClusterFiles files, ServerUser user, string socketFolder)
    {
        // A session of its own: Ctrl-C in a terminal signals the whole foreground group, and the server must outlive the last request.
        // Without setsid (macOS, Windows) Ctrl-C stops both at once: still in order, but requests in flight fail.
        string[] session = Command.Find("setsid") is { } setsid ? [setsid] : [];
        string[] server = [.. session, .. user.Prefix, files.Program("postgres"), "-D", files.Cluster];
        return new ServerProcess(Command.Start([.. server, .. ServerSettings.Of(options, socketFolder)]), files, user);
    }

    public Task WaitForExitAsync(CancellationToken cancellation) => _process.WaitForExitAsync(cancellation);

    /// <summary>Stops the server and waits until it, and its last child, has ended.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        if (OperatingSystem.IsWindows())
        {
            var seconds = Math.Ceiling(patience.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
            var stop = await Command.RunAsync(
                [.. _user.Prefix, _files.Program("pg_ctl"), "stop", "-D", _files.Cluster, "-m", "fast", "-t", seconds], CancellationToken.None);
            if (stop.ExitCode != 0)
            {
                _process.Kill(entireProcessTree: true);
            }

            await _process.WaitForExitAsync();
        }
        else
        {
            await ServerStop.StopAsync(_process.Id, () => !_process.HasExited, patience);
        }

        await EndOfOutputAsync();
    }

    /// <summary>What the server wrote before its log file was open: why it did not start.</summary>
    public async Task<string> LastWordsAsync()
    {
        await EndOfOutputAsync();
        lock (_lastWords)
        {
            return string.Join(' ', _lastWords);
        }
    }

    public void Dispose() => _process.Dispose();

    // The process that writes the log file holds the pipes until every other process of the server is gone, which a stuck one may delay.
    private async Task EndOfOutputAsync() => await Task.WhenAny(_reading, Task.Delay(TimeSpan.FromSeconds(2)));

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_lastWords)
            {
                _lastWords.Enqueue(line);
                if (_lastWords.Count > 10)
                {
                    _lastWords.Dequeue();
                }
            }
        }
    }
}
