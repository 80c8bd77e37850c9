using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Quality.Data;

/// <summary>Brings the schema up to date before the service starts. Several processes may try at once: the first takes a lock, the others find it done.</summary>
internal sealed class SchemaMigration(IServiceScopeFactory scopes) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<QualityDb>().Database.MigrateAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
