using FaceCloud.Native;

namespace FaceCloud.EmbeddedPostgres;

/// <summary>Where the embedded database lives and how much it may use. The defaults suit one machine that also runs the networks.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>
    /// The data folder; created if it is missing. The cluster lives in its <c>postgres</c> folder, beside <c>postgres.password</c>
    /// and <c>postgres.lock</c>.
    /// </summary>
    public required string DataFolder { get; init; }

    /// <summary>The database that <see cref="EmbeddedPostgres.ConnectionString"/> names; created at the start if it is missing.</summary>
    public string Database { get; init; } = "facecloud";

    /// <summary>PostgreSQL's own page cache, in MiB. The system's file cache does the rest, so little is enough.</summary>
    public int SharedBuffersMegabytes { get; init; } = 64;

    /// <summary>
    /// The most connections at once. Each costs a process of a few MiB. PostgreSQL keeps 3 for itself and FaceCloud 1 for its own check;
    /// the pool behind <see cref="EmbeddedPostgres.ConnectionString"/> takes at most the others.
    /// </summary>
    public int MaxConnections { get; init; } = 60;

    /// <summary>
    /// How long a stop waits for the last checkpoint before it cuts the server off; the next start then replays the log, nothing is lost.
    /// The default fits into the 10 s that <c>docker stop</c> allows.
    /// </summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// The user and group id PostgreSQL runs under when FaceCloud is root, because it refuses to run as root. The default is <c>nobody</c>;
    /// give it an id of its own where other programs run as <c>nobody</c>. The id needs an entry in <c>/etc/passwd</c>.
    /// </summary>
    public int UserIdWhenRoot { get; init; } = 65534;

    /// <summary>The folder with PostgreSQL's <c>bin</c>, <c>lib</c> and <c>share</c>; by default the one beside the program.</summary>
    public string ServerFolder { get; init; } = Path.Combine(NativeAssets.Folder, "postgres");
}
