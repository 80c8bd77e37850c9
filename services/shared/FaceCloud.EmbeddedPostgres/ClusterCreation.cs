using System.Globalization;
using System.Security.Cryptography;
using FaceCloud.EmbeddedPostgres.Native;
using Microsoft.Extensions.Logging;

namespace FaceCloud.EmbeddedPostgres;

/// <summary>
/// Makes the cluster at the first start, and checks it at each later one. FaceCloud's role owns its databases but is no superuser,
/// so that nothing said over a connection reads files or runs programs; the superuser has no way to log in.
/// </summary>
internal sealed class ClusterCreation(ClusterFiles files, ServerUser user, ILogger logger)
{
    /// <summary>The role FaceCloud logs in as.</summary>
    public const string Role = "facecloud";

    /// <summary>The database that every cluster has; only a place to stand on while creating another.</summary>
    public const string MaintenanceDatabase = "postgres";

    private const string Superuser = "postgres";

    /// <summary>Returns the password of <see cref="Role"/>, after making whatever is missing.</summary>
    public async Task<string> EnsureAsync(CancellationToken cancellation)
    {
        if (Directory.Exists(files.ClusterInTheMaking))
        {
            logger.LogWarning("The first start of the database was interrupted; it begins again");
            Directory.Delete(files.ClusterInTheMaking, recursive: true);
        }

        var password = File.Exists(files.Password) ? await File.ReadAllTextAsync(files.Password, cancellation) : null;
        if (!Directory.Exists(files.Cluster))
        {
            password ??= await CreatePasswordAsync(cancellation);
            await CreateAsync(password, cancellation);
            return password;
        }

        await CheckVersionAsync(cancellation);
        await user.OwnAsync(files.Cluster, cancellation);
        if (password is null)
        {
            logger.LogWarning("The file {File} is gone; the database gets a new password", files.Password);
            password = await CreatePasswordAsync(cancellation);
            await ExecuteAsync(files.Cluster, $"ALTER ROLE {Role} PASSWORD '{password}'", cancellation);
        }

        return password;
    }

    private async Task CreateAsync(string password, CancellationToken cancellation)
    {
        Directory.CreateDirectory(files.ClusterInTheMaking);
        await user.OwnAsync(files.ClusterInTheMaking, cancellation);

        // initdb syncs what it wrote. "reject": nobody logs in as the superuser.
        var initdb = await Command.RunAsync(
            [
                .. user.Prefix, files.Program("initdb"), "-D", files.ClusterInTheMaking, "--username", Superuser, "--auth", "reject",
                "--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8",
                "--data-checksums", "--no-instructions",
            ],
            cancellation);
        initdb.ThrowIfFailed($"The database cannot be created in '{files.DataFolder}'");

        // Errors in statements go to whoever sent them; a log of them would quote values.
        await ExecuteAsync(
            files.ClusterInTheMaking,
            $"""
            CREATE ROLE {Role} LOGIN CREATEDB PASSWORD '{password}'
            ALTER ROLE {Role} SET log_min_messages = 'fatal'
            """,
            cancellation);
        await AdmitRoleAsync(cancellation);

        // Under this name only when complete and on the disk, and the name is on the disk before anything is stored under it.
        Directory.Move(files.ClusterInTheMaking, files.Cluster);
        Libc.SyncFolder(files.DataFolder);
    }

    private async Task AdmitRoleAsync(CancellationToken cancellation)
    {
        // Overwritten, not replaced: the file stays its owner's.
        await using var file = new FileStream(Path.Combine(files.ClusterInTheMaking, "pg_hba.conf"), FileMode.Truncate);
        await file.WriteAsync("# Only by the unix socket, only FaceCloud's role, only with its password.\n"u8.ToArray(), cancellation);
        await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"local all {Role} scram-sha-256\n"), cancellation);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Executes statements, one a line, as the superuser of a cluster that no server runs on.</summary>
    private async Task ExecuteAsync(string cluster, string statements, CancellationToken cancellation)
    {
        var run = await Command.RunAsync(
            [
                .. user.Prefix, files.Program("postgres"), "--single", "-D", cluster, "-c", "exit_on_error=on", .. ServerSettings.Discretion,
                MaintenanceDatabase,
            ],
            cancellation,
            statements + "\n");
        run.ThrowIfFailed($"FaceCloud's role cannot be set up in '{cluster}'");
    }

    /// <summary>
    /// Written before the role gets it: a crash in between leaves a password that does not fit and, as <see cref="EmbeddedPostgres"/>
    /// then says, a file to delete. The other order could leave a role whose password nobody knows, which is the same, unsaid.
    /// </summary>
    private async Task<string> CreatePasswordAsync(CancellationToken cancellation)
    {
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var unfinished = files.Password + ".new";
        File.Delete(unfinished);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using (var file = new FileStream(unfinished, options))
        {
            await file.WriteAsync(System.Text.Encoding.ASCII.GetBytes(password), cancellation);
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, files.Password);
        return password;
    }

    private async Task CheckVersionAsync(CancellationToken cancellation)
    {
        string cluster;
        try
        {
            cluster = (await File.ReadAllTextAsync(Path.Combine(files.Cluster, "PG_VERSION"), cancellation)).Trim();
        }
        catch (FileNotFoundException e)
        {
            throw new EmbeddedPostgresException($"'{files.Cluster}' holds no PostgreSQL cluster; move that folder away or choose another data folder.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new EmbeddedPostgresException(
                $"'{files.Cluster}' belongs to another user; start FaceCloud as the user who created it (root, if that was root) "
                + $"or give the folder to '{Environment.UserName}'.",
                e);
        }

        // "postgres (PostgreSQL) 18.4"
        var version = await Command.RunAsync([files.Program("postgres"), "--version"], cancellation);
        version.ThrowIfFailed("PostgreSQL does not run on this system");
        var server = version.Output.Trim().Split(' ')[^1].Split('.')[0];
        if (cluster != server)
        {
            throw new EmbeddedPostgresException(string.Create(CultureInfo.InvariantCulture,
                $"The database in '{files.Cluster}' was made by PostgreSQL {cluster} and this FaceCloud carries PostgreSQL {server}: "
                + $"start the FaceCloud that made it, or move the data with pg_upgrade."));
        }
    }
}
