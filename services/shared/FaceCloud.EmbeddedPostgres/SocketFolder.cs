namespace FaceCloud.EmbeddedPostgres;

/// <summary>
/// The folder of the unix socket, mode 0700 and owned by PostgreSQL's user, so that only that user and root connect: the cluster itself,
/// or, where its path is too long for a socket, a fresh folder under the system's temporary one.
/// </summary>
internal static class SocketFolder
{
    public const int Port = 5432; // only a part of the socket's name

    private const string Prefix = "facecloud-";

    // sockaddr_un.sun_path holds 108 bytes with the closing zero on Linux and Windows, 104 on macOS: unix(7).
    private const int LongestPath = 103;

    public static string SocketIn(string folder) => Path.Combine(folder, $".s.PGSQL.{Port}");

    /// <summary>
    /// The folder to use. A temporary one has an unpredictable name and is made by one system call that fails if it exists (mkdtemp),
    /// so nobody else can have prepared it.
    /// </summary>
    public static async Task<string> ChooseAsync(ClusterFiles files, ServerUser user, CancellationToken cancellation)
    {
        // A comma separates hosts in a connection string.
        if (Fits(files.Cluster) && !files.Cluster.Contains(','))
        {
            return files.Cluster;
        }

        var folder = Directory.CreateTempSubdirectory(Prefix).FullName;
        if (!Fits(folder))
        {
            Directory.Delete(folder);
            throw new EmbeddedPostgresException(
                $"The paths of the data folder '{files.DataFolder}' and of the temporary folder '{Path.GetTempPath()}' "
                + "are both too long for a unix socket; set TMPDIR to a shorter one.");
        }

        await user.OwnAsync(folder, cancellation);
        return folder;
    }

    /// <summary>Removes what a server that no longer runs has left in a folder, and the folder if it was a temporary one.</summary>
    public static void Remove(ClusterFiles files, string folder)
    {
        var isTemporary = Path.GetFileName(folder).StartsWith(Prefix, StringComparison.Ordinal)
            && Path.GetDirectoryName(folder) == Path.TrimEndingDirectorySeparator(Path.GetTempPath());
        if (!Directory.Exists(folder) || (folder != files.Cluster && !isTemporary))
        {
            return;
        }

        File.Delete(SocketIn(folder));
        File.Delete(SocketIn(folder) + ".lock");
        if (isTemporary)
        {
            Directory.Delete(folder);
        }
    }

    private static bool Fits(string folder) => System.Text.Encoding.UTF8.GetByteCount(SocketIn(folder)) <= LongestPath;
}
