using FaceCloud.Contracts;
using Npgsql;

namespace FaceCloud.Gateway.Edge;

/// <summary>The edge's own tables, in the schema <c>edge</c> of identity's database, so that every replica sees the same keys and counts.</summary>
internal sealed class EdgeDatabase(IConfiguration configuration) : IAsyncDisposable
{
    private const string Schema =
        """
        SELECT pg_advisory_xact_lock(hashtextextended('edge.schema', 0));
        CREATE SCHEMA IF NOT EXISTS edge;
        CREATE TABLE IF NOT EXISTS edge.api_keys (
            id uuid PRIMARY KEY, name text NOT NULL UNIQUE, hash bytea NOT NULL, role text NOT NULL, galleries text[],
            created_at timestamptz NOT NULL DEFAULT now());
        CREATE UNLOGGED TABLE IF NOT EXISTS edge.rate_counts (
            principal text, endpoint text, window_start timestamptz, calls integer NOT NULL, PRIMARY KEY (principal, endpoint));
        """;

    private readonly SemaphoreSlim _once = new(1);
    private NpgsqlDataSource? _source;

    /// <summary>
    /// The database with its tables there. Made at the first use: the standalone program's database starts after its services are put together.
    /// </summary>
    public async Task<NpgsqlDataSource> OpenAsync(CancellationToken cancellationToken)
    {
        if (_source is { } ready)
        {
            return ready;
        }

        await _once.WaitAsync(cancellationToken);
        try
        {
            if (_source is null)
            {
                var connectionString = configuration.GetConnectionString(ServiceNames.IdentityDb)
                    ?? throw new FailureException(Failure.Unavailable, $"ConnectionStrings:{ServiceNames.IdentityDb} is not set.");

                // No statement here leaves anything in a session. To have it reset all the same would be a good part of looking up an API key.
                var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { NoResetOnClose = true });
                await using (var connection = await source.OpenConnectionAsync(cancellationToken))
                await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
                await using (var command = new NpgsqlCommand(Schema, connection, transaction))
                {
                    await command.ExecuteNonQueryAsync(cancellationToken);
                    await transaction.CommitAsync(cancellationToken);
                }

                _source = source;
            }

            return _source;
        }
        finally
        {
            _once.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _once.Dispose();
        if (_source is not null)
        {
            await _source.DisposeAsync();
        }
    }
}
