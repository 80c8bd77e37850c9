using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace FaceCloud.Testing;

/// <summary>
/// A server that speaks S3 (s3rver, mended by <c>tests/s3/whole-objects.cjs</c>), on a free port of the loopback and in a folder of its own; ended
/// and deleted with this.
/// </summary>
public sealed partial class S3Server : IAsyncDisposable
{
    public const string Bucket = "photos";

    private static readonly string WholeObjects = Path.Combine(TestFiles.Repository, "tests", "s3", "whole-objects.cjs");

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _folder = Directory.CreateTempSubdirectory("facecloud-s3-").FullName;

    private S3Server(string program)
    {
        var start = new ProcessStartInfo("node") { RedirectStandardOutput = true, RedirectStandardError = true };

        // It hides the place in a listing with a cipher that OpenSSL 3 has put aside.
        string[] node = ["--openssl-legacy-provider", "--require", WholeObjects];
        string[] server = ["-d", _folder, "-a", "127.0.0.1", "-p", "0", "-s", "--no-vhost-buckets", "--configure-bucket", Bucket];
        foreach (var argument in (string[])[.. node, program, .. server])
        {
            start.ArgumentList.Add(argument);
        }

        var errors = "";
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text && Listening().Match(text) is { Success: true } match)
            {
                _listening.TrySetResult(new Uri($"http://127.0.0.1:{match.Groups["port"].Value}"));
            }
        };
        _process.ErrorDataReceived += (_, line) => errors += line.Data;
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException($"The S3 server ended before it listened: {errors}"));
    }

    /// <summary>Where it listens.</summary>
    public Uri Endpoint => _listening.Task.Result;

    /// <summary>The settings of a file store in it.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["Files:Store"] = "S3",
        ["Files:Bucket"] = Bucket,
        ["Files:Endpoint"] = Endpoint.AbsoluteUri,
        ["Files:AccessKey"] = "S3RVER",
        ["Files:SecretKey"] = "S3RVER",
    };

    /// <summary>Starts one; the test is skipped where Node.js or the package is missing.</summary>
    public static async Task<S3Server> StartAsync()
    {
        var program = Path.Combine(TestFiles.Repository, "artifacts", "s3", "node_modules", "s3rver", "bin", "s3rver.js");
        Assert.SkipUnless(File.Exists(program), "The S3 server of tests/s3 is not restored; this test needs it.");
        var server = new S3Server(program);
        try
        {
            server._process.Start();
        }
        catch (Win32Exception)
        {
            Directory.Delete(server._folder, recursive: true);
            Assert.Skip("Node.js is not there; this test needs it to run an S3 server.");
        }

        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        await server._listening.Task.WaitAsync(StartLimit);
        return server;
    }

    /// <summary>Ends it; it stays away.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [GeneratedRegex(@"listening on .*:(?<port>\d+)\z")]
    private static partial Regex Listening();
}
