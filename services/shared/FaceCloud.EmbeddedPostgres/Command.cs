using System.ComponentModel;
using System.Diagnostics;

namespace FaceCloud.EmbeddedPostgres;

/// <summary>How programs are started: with nothing of ours in their environment, and with pipes of their own.</summary>
internal static class Command
{
    /// <summary>Starts a program. All three standard streams are pipes, so that none of our caller's stays open through a child.</summary>
    /// <exception cref="EmbeddedPostgresException">The program is not there or cannot be run.</exception>
    public static Process Start(IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
            WorkingDirectory = AppContext.BaseDirectory, // ours may be gone
        };
        CleanEnvironment(start.Environment);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new EmbeddedPostgresException($"'{command[0]}' cannot be started: {e.Message}", e);
        }
    }

    /// <summary>Runs a program to its end, feeding it <paramref name="input"/>.</summary>
    public static async Task<CommandResult> RunAsync(IReadOnlyList<string> command, CancellationToken cancellation, string input = "")
    {
        using var process = Start(command);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await FeedAsync(process, input);
            await process.WaitForExitAsync(cancellation);
            return new CommandResult(process.ExitCode, await output, (await error).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);

            // Until it has closed its output, what was killed may still be making a file.
            await Task.WhenAll(output, error);
            throw;
        }
    }

    /// <summary>Where a program is on the search path; null if it is not.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    private static async Task FeedAsync(Process process, string input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException) when (process.WaitForExit(TimeSpan.FromSeconds(1)))
        {
            // It ended without reading its input; its exit code and its error output say why.
        }
    }

    // PGPORT, PGDATA and others would change what runs, and our own variables may hold secrets that are none of a server's business.
    private static void CleanEnvironment(IDictionary<string, string?> environment)
    {
        foreach (var name in environment.Keys.ToList())
        {
            // Windows itself needs some of its variables.
            var keep = OperatingSystem.IsWindows() ? !name.StartsWith("PG", StringComparison.OrdinalIgnoreCase) : name == "PATH";
            if (!keep)
            {
                environment.Remove(name);
            }
        }
    }
}

internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <exception cref="EmbeddedPostgresException">The program failed; the message ends with what it wrote.</exception>
    public void ThrowIfFailed(string what)
    {
        if (ExitCode != 0)
        {
            throw new EmbeddedPostgresException($"{what} (exit code {ExitCode}): {Error}");
        }
    }
}
