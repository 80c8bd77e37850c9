using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Quality.Data;

/// <summary>
/// Brings the schema up to date before the service starts. Several processes may try at once: the first takes a lock, the others wait and find it
/// done. Entity Framework's own lock does not keep them apart on an empty database.
/// </summary>
internal sealed class SchemaMigration(IServiceScopeFactory scopes) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<QualityDb>().Database;
        database.SetCommandTimeout(TimeSpan.Zero); // the one before takes as long as its rows take

        // The lock belongs to the connection, so this one stays open.
        await database.OpenConnectionAsync(cancellationToken);
        try
        {
            await database.ExecuteSqlAsync($"SELECT pg_advisory_lock(hashtextextended('quality migrations', 0))", cancellationToken);
            await database.MigrateAsync(cancellationToken);
            await database.ExecuteSqlAsync($"SELECT pg_advisory_unlock(hashtextextended('quality migrations', 0))", cancellationToken);
        }
        finally
        {
            await database.CloseConnectionAsync();
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
