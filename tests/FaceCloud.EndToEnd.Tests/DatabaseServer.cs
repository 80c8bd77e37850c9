using System.Diagnostics;
using System.Globalization;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>
/// The PostgreSQL server that works in a data folder, found by its own <c>postmaster.pid</c>: that of a running program,
/// or one a killed program left.
/// </summary>
internal static class DatabaseServer
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    /// <summary>The postmaster and its children; empty if none runs.</summary>
    public static IReadOnlyList<int> Processes(string data)
    {
        var cluster = Path.Combine(data, "postgres");
        if (ReadIfThere(Path.Combine(cluster, "postmaster.pid")) is not { Length: > 0 } pidFile
            || !int.TryParse(pidFile.Split('\n')[0], CultureInfo.InvariantCulture, out var postmaster))
        {
            return [];
        }

        var children = ReadIfThere($"/proc/{postmaster}/task/{postmaster}/children") ?? "";
        return
        [
            .. children.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(child => int.Parse(child, CultureInfo.InvariantCulture)).Prepend(postmaster)

                // A number may be that of a stranger by now: a server's processes work in its cluster.
                .Where(process => ReadIfThere($"/proc/{process}/cwd/postmaster.pid") == pidFile && Runs(process)),
        ];
    }

    /// <summary>SIGKILL to all of them; returns when they have ended.</summary>
    public static void Kill(string data)
    {
        var processes = Processes(data);
        foreach (var process in processes)
        {
            try
            {
                using var found = Process.GetProcessById(process);
                found.Kill();
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // It followed its postmaster already.
            }
        }

        Assert.True(SpinWait.SpinUntil(() => !processes.Any(Runs), EndLimit), "PostgreSQL does not end.");
    }

    /// <summary>Whether a process is there and no zombie (nobody may have taken note of an orphan's end).</summary>
    public static bool Runs(int process) =>
        ReadIfThere($"/proc/{process}/stat") is { } stat && stat.Split(") ")[^1][0] is not ('Z' or 'X');

    private static string? ReadIfThere(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
