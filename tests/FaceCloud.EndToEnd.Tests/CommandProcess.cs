using System.Diagnostics;
using System.Text;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>A command of <c>facecloud</c> as a process of its own.</summary>
internal sealed class CommandProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    /// <param name="data">The data folder.</param>
    /// <param name="onError">Called with each line of standard error, where progress is shown.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="settings">Environment variables beside or instead of those of all tests.</param>
    private CommandProcess(string data, Action<CommandProcess, string>? onError, string[] arguments, IReadOnlyDictionary<string, string>? settings)
    {
        var start = new ProcessStartInfo("dotnet", [FaceCloudProcess.Program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment["FACECLOUD_DATA"] = data;
        start.Environment["FACECLOUD_MODELS"] = settings?.GetValueOrDefault("FACECLOUD_MODELS") ?? TestFiles.Models;
        start.Environment["Models__AcceptLicenses"] = "noncommercial";
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Read(_output, line.Data);
        _process.ErrorDataReceived += (_, line) =>
        {
            Read(_errors, line.Data);
            if (line.Data is not null)
            {
                onError?.Invoke(this, line.Data);
            }
        };
    }

    public int ExitCode => _process.ExitCode;

    public string Output => _output.ToString();

    public string Errors => _errors.ToString();

    /// <summary>Runs a command to its end, natural or not.</summary>
    public static Task<CommandProcess> RunAsync(string data, params string[] arguments) => RunAsync(data, null, arguments);

    /// <inheritdoc cref="RunAsync(string, string[])"/>
    public static async Task<CommandProcess> RunAsync(
        string data, Action<CommandProcess, string>? onError, string[] arguments, IReadOnlyDictionary<string, string>? settings = null)
    {
        var command = new CommandProcess(data, onError, arguments, settings);
        command._process.Start();
        command._process.BeginOutputReadLine();
        command._process.BeginErrorReadLine();
        try
        {
            await command._process.WaitForExitAsync().WaitAsync(Limit);
            return command;
        }
        catch
        {
            command.Kill();
            command.Dispose();
            throw;
        }
    }

    /// <summary>SIGKILL: no code of the program runs any more.</summary>
    public void Kill() => _process.Kill();

    /// <summary>SIGINT, as Ctrl+C sends it.</summary>
    public void Interrupt() => Signals.Send(_process.Id, Signals.Interrupt);

    public void Dispose() => _process.Dispose();

    private static void Read(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            text.AppendLine(line);
        }
    }
}
