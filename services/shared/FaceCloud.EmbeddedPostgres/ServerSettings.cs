using System.Globalization;

namespace FaceCloud.EmbeddedPostgres;

/// <summary>
/// The settings of the server, given on its command line: that wins over every file in the cluster, so a new version of FaceCloud
/// needs no migration of configuration files. https://www.postgresql.org/docs/18/runtime-config.html
/// </summary>
internal static class ServerSettings
{
    /// <summary>
    /// What a log may tell. Rows are biometric data: no statements, no parameters, and no details (they quote the values of a row).
    /// The sessions of FaceCloud's own role log still less, see <see cref="ClusterCreation"/>.
    /// </summary>
    public static IEnumerable<string> Discretion { get; } = Arguments(new()
    {
        ["log_statement"] = "none",
        ["log_min_error_statement"] = "panic",
        ["log_parameter_max_length"] = "0",
        ["log_parameter_max_length_on_error"] = "0",
        ["log_error_verbosity"] = "terse",
        ["log_checkpoints"] = "off",
    });

    public static IEnumerable<string> Of(EmbeddedPostgresOptions options, string socketFolder) => Arguments(new()
    {
        // Reachable by the unix socket alone.
        ["listen_addresses"] = "",
        ["port"] = SocketFolder.Port.ToString(CultureInfo.InvariantCulture),
        ["unix_socket_directories"] = $"\"{socketFolder.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
        ["unix_socket_permissions"] = "0700",
        ["password_encryption"] = "scram-sha-256",

        // A commit that was answered survives everything.
        ["fsync"] = "on",
        ["full_page_writes"] = "on",
        ["synchronous_commit"] = "on",

        // Modest beside the networks, which want the cores and the memory: no parallel queries (these also need shared memory,
        // of which a container has 64 MiB), no separate processes for reading.
        ["max_connections"] = options.MaxConnections.ToString(CultureInfo.InvariantCulture),
        ["shared_buffers"] = options.SharedBuffersMegabytes.ToString(CultureInfo.InvariantCulture) + "MB",
        ["max_wal_size"] = "256MB",
        ["max_parallel_workers_per_gather"] = "0",
        ["max_parallel_maintenance_workers"] = "0",
        ["io_method"] = "sync",
        ["jit"] = "off",

        // One file a weekday, overwritten a week later.
        ["logging_collector"] = "on",
        ["log_directory"] = "log",
        ["log_filename"] = "postgres-%a.log",
        ["log_rotation_age"] = "1d",
        ["log_rotation_size"] = "0",
        ["log_truncate_on_rotation"] = "on",
        ["log_timezone"] = "UTC",
        ["timezone"] = "UTC",
    }).Concat(Discretion);

    private static IEnumerable<string> Arguments(Dictionary<string, string> settings) =>
        settings.SelectMany(setting => (string[])["-c", $"{setting.Key}={setting.Value}"]);
}
