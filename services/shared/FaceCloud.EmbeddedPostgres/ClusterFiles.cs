namespace FaceCloud.EmbeddedPostgres;

/// <summary>The names of everything the database keeps in the data folder, and of the programs that serve it.</summary>
internal sealed class ClusterFiles(EmbeddedPostgresOptions options)
{
    public string DataFolder { get; } = Path.GetFullPath(options.DataFolder);

    /// <summary>The cluster: PostgreSQL's data directory.</summary>
    public string Cluster => Path.Combine(DataFolder, "postgres");

    /// <summary>A cluster in the making. It takes its name only when complete, so whatever is found under this one is half-made.</summary>
    public string ClusterInTheMaking => Path.Combine(DataFolder, "postgres.new");

    /// <summary>Outside the cluster, which belongs to PostgreSQL's user when FaceCloud runs as root: only FaceCloud's own user reads it.</summary>
    public string Password => Path.Combine(DataFolder, "postgres.password");

    public string Lock => Path.Combine(DataFolder, "postgres.lock");

    public string Log => Path.Combine(Cluster, "log");

    /// <summary>Written by PostgreSQL while it runs: process id, data directory, start time, port, socket folder, one a line.</summary>
    public string PostmasterPid => Path.Combine(Cluster, "postmaster.pid");

    /// <summary>The path of a program of the server.</summary>
    /// <exception cref="EmbeddedPostgresException">It is not there.</exception>
    public string Program(string name)
    {
        var path = Path.Combine(Path.GetFullPath(options.ServerFolder), "bin", OperatingSystem.IsWindows() ? name + ".exe" : name);
        return File.Exists(path)
            ? path
            : throw new EmbeddedPostgresException($"The PostgreSQL server is not there: '{path}' is missing. Build or publish FaceCloud for this platform.");
    }
}
