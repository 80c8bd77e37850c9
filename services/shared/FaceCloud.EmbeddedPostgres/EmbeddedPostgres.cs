using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FaceCloud.EmbeddedPostgres;

/// <summary>
/// A private PostgreSQL server on a cluster in the data folder, reachable by unix socket only, for as long as this object lives.
/// If the server ends by itself it is started again; connections fail in between.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan ShortestBackoff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(10);

    private readonly EmbeddedPostgresOptions _options;
    private readonly ILogger _logger;
    private readonly ClusterFiles _files;
    private readonly FileStream _lock;
    private readonly CancellationTokenSource _stopping = new(); // without a timer: nothing to dispose, so a second stop is harmless
    private ServerUser _user = null!;
    private string _socketFolder = "";
    private Task _supervision = Task.CompletedTask;
    private volatile bool _isReady;

    private EmbeddedPostgres(EmbeddedPostgresOptions options, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _files = new ClusterFiles(options);
        Directory.CreateDirectory(_files.DataFolder);
        _lock = DataFolderLock.Take(_files);
    }

    /// <summary>How Npgsql reaches the database. It holds a password: never log it.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>Whether the server answers. False from its unexpected end until it has been started again.</summary>
    public bool IsReady => _isReady;

    /// <summary>
    /// Starts the server and returns when the database answers. The first start creates the cluster (about a second); one after a crash
    /// replays the log, for which there is no time limit but <paramref name="cancellation"/>.
    /// </summary>
    /// <exception cref="EmbeddedPostgresException">
    /// It cannot run: another process uses the data folder, the cluster is of another PostgreSQL version or user, or the server refuses
    /// to start. Nothing is left running.
    /// </exception>
    public static async Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options, ILogger logger, CancellationToken cancellation = default)
    {
        var postgres = new EmbeddedPostgres(options, logger);
        try
        {
            await postgres.StartAsync(cancellation);
            return postgres;
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Stops the server: sessions end, a checkpoint is written. Takes at most <see cref="EmbeddedPostgresOptions.StopTimeout"/> and a few seconds.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        try
        {
            await _supervision;
            if (_socketFolder.Length > 0)
            {
                SocketFolder.Remove(_files, _socketFolder);
            }
        }
        finally
        {
            await _lock.DisposeAsync();
        }
    }

    private async Task StartAsync(CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        await Leftovers.ClearAsync(_files, _options.StopTimeout, _logger);
        _user = await ServerUser.ChooseAsync(_options, _files, cancellation);
        var password = await new ClusterCreation(_files, _user, _logger).EnsureAsync(cancellation);
        _socketFolder = await SocketFolder.ChooseAsync(_files, _user, cancellation);
        ConnectionString = new NpgsqlConnectionStringBuilder
        {
            Host = _socketFolder,
            Port = SocketFolder.Port,
            Username = ClusterCreation.Role,
            Password = password,
            Database = _options.Database,
            MaxPoolSize = Math.Max(1, _options.MaxConnections - 4), // see MaxConnections
            SslMode = SslMode.Disable,
        }.ConnectionString;

        var server = await StartServerAsync(cancellation);
        _supervision = SuperviseAsync(server);
        _logger.LogInformation("PostgreSQL is ready after {Milliseconds} ms (process {ProcessId})", watch.ElapsedMilliseconds, server.Id);
    }

    private async Task<ServerProcess> StartServerAsync(CancellationToken cancellation)
    {
        var server = ServerProcess.Start(_options, _files, _user, _socketFolder);
        try
        {
            await WaitUntilReadyAsync(server, cancellation);
            _isReady = true;
            return server;
        }
        catch
        {
            await server.StopAsync(_options.StopTimeout);
            server.Dispose();
            throw;
        }
    }

    private async Task WaitUntilReadyAsync(ServerProcess server, CancellationToken cancellation)
    {
        while (!File.Exists(SocketFolder.SocketIn(_socketFolder)) || !await AnswersAsync(cancellation))
        {
            if (server.HasExited)
            {
                throw new EmbeddedPostgresException(
                    $"PostgreSQL does not start (exit code {server.ExitCode}; its log is in '{_files.Log}'): {await server.LastWordsAsync()}");
            }

            await Task.Delay(PollInterval, cancellation);
        }
    }

    /// <summary>Whether the database lets us in; creates it if the server does and the database is not there.</summary>
    private async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            await using var connection = await ConnectAsync(_options.Database, cancellation);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            await using var connection = await ConnectAsync(ClusterCreation.MaintenanceDatabase, cancellation);
            await using var create = connection.CreateCommand();
#pragma warning disable CA2100 // A name cannot be a parameter; it is quoted.
            create.CommandText = $"CREATE DATABASE {new NpgsqlCommandBuilder().QuoteIdentifier(_options.Database)}";
#pragma warning restore CA2100
            await create.ExecuteNonQueryAsync(cancellation);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.CannotConnectNow)
        {
            return false; // starting up or replaying the log
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            throw new EmbeddedPostgresException(
                $"The database does not accept the password in '{_files.Password}'; delete that file, and the next start sets a new one.", e);
        }
        catch (NpgsqlException e) when (e.InnerException is SocketException or IOException)
        {
            return false; // the socket is there and nobody listens yet, or any more
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync(string database, CancellationToken cancellation)
    {
        // Not pooled: it would stay.
        var settings = new NpgsqlConnectionStringBuilder(ConnectionString) { Database = database, Pooling = false };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Owns the server from its start on: starts it again when it ends, stops it when it is told to.</summary>
    private async Task SuperviseAsync(ServerProcess? server)
    {
        var backoff = ShortestBackoff;
        try
        {
            while (true)
            {
                if (server is not null)
                {
                    var since = Stopwatch.GetTimestamp();
                    await server.WaitForExitAsync(_stopping.Token);
                    _isReady = false;
                    _logger.LogError(
                        "PostgreSQL ended by itself (exit code {ExitCode}; its log is in '{Folder}'); starting it again", server.ExitCode, _files.Log);
                    server.Dispose();
                    server = null;
                    backoff = Stopwatch.GetElapsedTime(since) > LongestBackoff ? ShortestBackoff : backoff;
                }

                await Task.Delay(backoff, _stopping.Token);
                backoff = TimeSpan.FromTicks(Math.Min(2 * backoff.Ticks, LongestBackoff.Ticks));
                server = await TryRestartAsync();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            _isReady = false;
            if (server is not null)
            {
                await server.StopAsync(_options.StopTimeout);
                server.Dispose();
            }
            else
            {
                // It ended by itself just now, its children perhaps not yet.
                await Leftovers.ClearAsync(_files, _options.StopTimeout, _logger);
            }
        }
    }

    private async Task<ServerProcess?> TryRestartAsync()
    {
        try
        {
            await Leftovers.ClearAsync(_files, _options.StopTimeout, _logger);
            var server = await StartServerAsync(_stopping.Token);
            _logger.LogInformation("PostgreSQL is ready again (process {ProcessId})", server.Id);
            return server;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever it was (a full disk, say) may pass; until then IsReady says that there is no database.
            _logger.LogError(e, "PostgreSQL cannot be started again yet");
            return null;
        }
    }
}
