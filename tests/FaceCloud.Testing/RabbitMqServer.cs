using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace FaceCloud.Testing;

/// <summary>
/// A RabbitMQ server, Debian's, on ports of the loopback and in a folder of its own; ended and deleted with this. Killed and started again it is the
/// same server with what it held.
/// </summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    // Not the script of the same name in the path, which runs as a user that owns other folders.
    private const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("facecloud-rabbitmq-").FullName;
    private readonly int _port = FreePort();
    private readonly int _distributionPort = FreePort();
    private readonly int _namesPort = FreePort();
    private readonly Process _names;
    private Process? _server;

    private RabbitMqServer()
    {
        File.WriteAllText(Path.Combine(_folder, "rabbitmq.conf"), $"listeners.tcp.1 = 127.0.0.1:{Text(_port)}\n");
        File.WriteAllText(Path.Combine(_folder, "enabled_plugins"), "[].\n");

        // Erlang's register of names would be started by the server otherwise, and stay behind.
        _names = Process.Start(new ProcessStartInfo("epmd", ["-port", Text(_namesPort), "-address", "127.0.0.1"]))!;
    }

    /// <summary>As in <c>ConnectionStrings:messaging</c>. The server's own user, who may log in from the same machine.</summary>
    public string ConnectionString => $"amqp://guest:guest@127.0.0.1:{Text(_port)}";

    private string Node => $"facecloud{Text(_port)}@localhost";

    /// <summary>Starts one; the test is skipped where RabbitMQ is not installed.</summary>
    public static async Task<RabbitMqServer> StartNewAsync()
    {
        Assert.SkipUnless(File.Exists(Program), "RabbitMQ is not installed (Debian's package rabbitmq-server); this test needs it.");
        var server = new RabbitMqServer();
        try
        {
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again, and returns when it takes connections.</summary>
    public async Task StartAsync()
    {
        _server?.Dispose();
        var start = new ProcessStartInfo(Program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["HOME"] = _folder,
            ["ERL_EPMD_PORT"] = Text(_namesPort),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODENAME"] = Node,
            ["RABBITMQ_DIST_PORT"] = Text(_distributionPort),
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "data"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "enabled_plugins"),
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_LOGS"] = "-",
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
        })
        {
            start.Environment[name] = value;
        }

        var (output, ready) = ("", new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _server = new Process { StartInfo = start, EnableRaisingEvents = true };
        _server.OutputDataReceived += (_, line) =>
        {
            output += line.Data + "\n";
            if (line.Data?.Contains("Server startup complete", StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }
        };
        _server.ErrorDataReceived += (_, line) => output += line.Data + "\n";
        _server.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"RabbitMQ ended before it was ready: {output}"));
        _server.Start();
        _server.BeginOutputReadLine();
        _server.BeginErrorReadLine();
        await ready.Task.WaitAsync(Limit);
    }

    /// <summary>SIGKILL: no code of the server runs any more. See <see cref="UntilQueuesAreKeptAsync"/>, which it waits for.</summary>
    public async Task KillAsync()
    {
        await UntilQueuesAreKeptAsync();
        await EndAsync();
    }

    /// <summary>
    /// Returns when a kill would lose no replicated queue. The server writes down which it has some seconds after it has made one, and one that is not
    /// written down is without a leader for ever after a kill (rabbitmq-server issue 15725; seen with 3.10).
    /// </summary>
    public Task UntilQueuesAreKeptAsync()
    {
        // Each has a folder of its name in the register.
        var folder = Path.Combine(_folder, "data", Node, "quorum", Node);
        return Eventually.BecomesTrueAsync(
            async () =>
            {
                var register = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Path.Combine(folder, "names.dets")));
                return Directory.EnumerateDirectories(folder).All(queue => register.Contains(Path.GetFileName(queue), StringComparison.Ordinal));
            },
            "the broker has written down which queues it has");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { HasExited: false })
        {
            await EndAsync();
        }

        _server?.Dispose();
        _names.Kill();
        await _names.WaitForExitAsync();
        _names.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task EndAsync()
    {
        // The script that was started waits for the server, its child, and follows it.
        var script = Text(_server!.Id);
        foreach (var child in (await File.ReadAllTextAsync($"/proc/{script}/task/{script}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            using var server = Process.GetProcessById(int.Parse(child, CultureInfo.InvariantCulture));
            server.Kill();
        }

        await _server.WaitForExitAsync().WaitAsync(Limit);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
