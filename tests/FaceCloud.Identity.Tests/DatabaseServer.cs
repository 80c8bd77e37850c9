using System.Globalization;
using FaceCloud.EmbeddedPostgres;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

[assembly: AssemblyFixture(typeof(FaceCloud.Identity.Tests.DatabaseServer))]

namespace FaceCloud.Identity.Tests;

/// <summary>A PostgreSQL server for all tests, and a database of its own for each.</summary>
public sealed class DatabaseServer : IAsyncLifetime
{
    private const string Template = "template_of_tests";

    // Seconds for a connection and for a statement, some of which write hundreds of thousands of rows on a machine that does much else.
    private const int Patience = 300;

    private readonly string _folder = Directory.CreateTempSubdirectory("facecloud-identity-tests-").FullName;
    private EmbeddedPostgres.EmbeddedPostgres? _server;
    private int _databases;

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedPostgres.EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = Path.Combine(_folder, "data"), Database = Template, MaxConnections = 100 }, NullLogger.Instance);
        await using var db = new IdentityDb(
            new DbContextOptionsBuilder<IdentityDb>().UseNpgsql(
                ConnectionString(Template, pooled: false), npgsql => npgsql.MigrationsHistoryTable("migrations", IdentityDb.Schema)).Options);
        await db.Database.MigrateAsync();
    }

    /// <summary>A database with the schema and nothing in it.</summary>
    /// <returns>Its connection string.</returns>
    public Task<string> NewDatabaseAsync() => NewDatabaseAsync(Template);

    /// <summary>A database with nothing at all in it.</summary>
    /// <returns>Its connection string.</returns>
    public Task<string> NewEmptyDatabaseAsync() => NewDatabaseAsync("template0");

    private async Task<string> NewDatabaseAsync(string template)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _databases)}");
        await using var postgres = NpgsqlDataSource.Create(ConnectionString("postgres", pooled: false));
#pragma warning disable CA2100 // Names of our own making.
        await using var create = postgres.CreateCommand($"CREATE DATABASE {name} TEMPLATE {template}");
#pragma warning restore CA2100
        await create.ExecuteNonQueryAsync();
        return ConnectionString(name, pooled: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private string ConnectionString(string database, bool pooled) =>
        new NpgsqlConnectionStringBuilder(_server!.ConnectionString)
        {
            Database = database,
            Pooling = pooled,
            MaxPoolSize = 20,
            Timeout = Patience,
            CommandTimeout = Patience,
        }.ConnectionString;
}
