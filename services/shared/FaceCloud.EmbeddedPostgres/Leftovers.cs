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
            // A dying one is waited for whosever it was: it takes a moment, and it gets no signal.
            var server = Processes().Where(process => process.IsDying || Serves(process, content)).ToList();
            if (server.Find(process => !process.IsDying && process.Id.ToString(CultureInfo.InvariantCulture) == lines[0]) is { } postmaster)
            {
                logger.LogWarning("A killed FaceCloud left its PostgreSQL running (process {ProcessId}); stopping it", postmaster.Id);
                await ServerStop.StopAsync(postmaster.Id, () => postmaster.Runs, stopPatience);
            }

            if (!await ServerStop.EndsAsync(() => server.Any(process => process.Runs), ChildrenPatience))
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
    /// Whether a process works in this cluster, as all processes of a server do. Compared is what the <c>postmaster.pid</c> there says,
    /// because a path can have many spellings, and the same one in two containers be two folders.
    /// </summary>
    private static bool Serves(RunningProcess process, string postmasterPid)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/cwd/postmaster.pid") == postmasterPid;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it has ended, works elsewhere, or is another user's
        }
    }

    private static IEnumerable<RunningProcess> Processes() =>
        Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? RunningProcess.Find(id) : null)
            .OfType<RunningProcess>();
}
