using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity;

/// <summary>
/// Keeps the vector index true to the database: before the service is ready it applies what a crash left behind and rebuilds an index that
/// lost faces (a deleted folder, an old backup); then it looks for overdue changes every minute.
/// </summary>
internal sealed class IndexSweep(IServiceScopeFactory scopes, ILogger<IndexSweep> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    // A change younger than this is still in the hands of the request that made it.
    private static readonly TimeSpan Overdue = TimeSpan.FromSeconds(10);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await using (var scope = scopes.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<IndexSync>().SweepAsync(TimeSpan.Zero, cancellationToken);
            await RebuildWhatIsIncompleteAsync(scope.ServiceProvider, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var applied = await scope.ServiceProvider.GetRequiredService<IndexSync>().SweepAsync(Overdue, stoppingToken);
                if (applied > 0)
                {
                    logger.LogInformation("The sweep brought {Count} overdue faces to the vector index", applied);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.LogError(e, "The sweep of the vector index failed; it is tried again in a minute");
            }
        }
    }

    private async Task RebuildWhatIsIncompleteAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var db = services.GetRequiredService<IdentityDb>();
        var index = services.GetRequiredService<IFaceIndex>();
        var counts = await (
            from embedding in db.Embeddings
            join face in db.Faces on embedding.FaceId equals face.Id
            group face by new { embedding.Recogniser, face.GalleryId } into faces
            select new { faces.Key.Recogniser, faces.Key.GalleryId, Count = faces.LongCount() }).ToListAsync(cancellationToken);
        foreach (var recogniser in counts.GroupBy(count => count.Recogniser))
        {
            foreach (var gallery in recogniser)
            {
                if (await index.CountAsync(recogniser.Key, new IndexFilter(gallery.GalleryId), cancellationToken) == gallery.Count)
                {
                    continue;
                }

                var faces = services.GetRequiredService<IndexSync>().AllFaces(recogniser.Key);
                var total = await index.RebuildAsync(recogniser.Key, faces, cancellationToken);
                logger.LogWarning("The vector index of {Recogniser} was incomplete and has been rebuilt with {Count} faces", recogniser.Key, total);
                break;
            }
        }
    }
}
