using System.Globalization;
using Microsoft.Extensions.Logging;

namespace FaceCloud.EmbeddedPostgres;

/// <summary>
/// Clears away what an earlier FaceCloud left behind that was killed: a server that still runs, and files of one that does not.
/// Such a server is stopped, not adopted: it may be of another version or have other settings, only a child's end is reported to its
/// parent, and a fast stop takes a tenth of a second.
/// </summary>
internal static class Leftovers
{
    // After the postmaster's death its children end by themselves, at the next wait for anything.
    private static readonly TimeSpan ChildrenPatience = TimeSpan.FromSeconds(10);

    /// <summary>Must only be called by the holder of the data folder's lock, while it runs no server.</summary>
    public static async Task ClearAsync(ClusterFiles files, TimeSpan stopPatience, ILogger logger)
    {
        if (!File.Exists(files.PostmasterPid))
        {
            return; // the last server stopped in order
        }

        var content = await File.ReadAllTextAsync(files.PostmasterPid);
        var lines = content.Split('\n');

        // Elsewhere than on Linux there is no cheap proof that a process is of this cluster, and a process of somebody else must not be
        // signalled: PostgreSQL itself then refuses to start beside one that lives, and its message reaches the caller.
        if (OperatingSystem.IsLinux())
        {
            if (int.TryParse(lines[0], CultureInfo.InvariantCulture, out var postmaster) && Serves(postmaster, content))
            {
                logger.LogWarning("A killed FaceCloud left its PostgreSQL running (process {ProcessId}); stopping it", postmaster);
                await ServerStop.StopAsync(postmaster, () => Serves(postmaster, content), stopPatience);
            }

            if (!await ServerStop.EndsAsync(() => Processes().Any(process => Serves(process, content)), ChildrenPatience))
            {
                throw new EmbeddedPostgresException($"Processes of an earlier PostgreSQL on '{files.Cluster}' do not end; end them and start again.");
            }

            // Its process id may be that of any process by now, at whose sight PostgreSQL would refuse to start.
            File.Delete(files.PostmasterPid);
        }

        if (lines.Length > 4)
        {
            SocketFolder.Remove(files, lines[4]);
        }
    }

    /// <summary>
    /// Whether a process is PostgreSQL and works in this cluster, all of whose processes do: compared by what their
    /// <c>postmaster.pid</c> says, as a path can have many spellings.
    /// </summary>
    private static bool Serves(int process, string postmasterPid)
    {
        // " (deleted)" follows the name after an update of the program.
        var program = new FileInfo($"/proc/{process}/exe").LinkTarget;
        if (program is null || Path.GetFileName(program) is not ("postgres" or "postgres (deleted)"))
        {
            return false;
        }

        try
        {
            return File.ReadAllText($"/proc/{process}/cwd/postmaster.pid") == postmasterPid;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it has ended, works elsewhere, or is another user's
        }
    }

    private static IEnumerable<int> Processes() =>
        Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var process) ? process : 0)
            .Where(process => process > 0);
}
