using FaceCloud.Contracts;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity;

/// <summary>
/// Keeps the vector index true to the database: before the service is ready, and then every minute, it applies what a crash or an index that was
/// away left behind. Once, it also compares what the two hold and rebuilds an index that lost faces or is damaged (a deleted folder, an old
/// backup, a bad disk). Of several processes one sweeps.
/// </summary>
internal sealed class IndexSweep(IServiceScopeFactory scopes, ILogger<IndexSweep> logger)
    : PeriodicWork(scopes, TimeSpan.FromMinutes(1), logger, isFirstBeforeReady: true)
{
    // A change younger than this is still in the hands of the request that made it; at a start there is no such request.
    private static readonly TimeSpan Overdue = TimeSpan.FromSeconds(10);

    private TimeSpan _olderThan = TimeSpan.Zero;
    private bool _compared;

    protected override string Name => "The sweep of the vector index";

    protected override async Task WorkAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var olderThan = _olderThan;
        _olderThan = Overdue;
        await services.GetRequiredService<IdentityDb>()
            .TryAloneAsync("index sweep", 0, () => SweepAsync(services, olderThan, cancellationToken), cancellationToken);
    }

    private async Task SweepAsync(IServiceProvider services, TimeSpan olderThan, CancellationToken cancellationToken)
    {
        if (!_compared)
        {
            await RebuildWhatIsIncompleteAsync(services, cancellationToken);
            _compared = true;
        }

        var applied = await services.GetRequiredService<IndexSync>().SweepAsync(olderThan, cancellationToken);
        if (applied > 0)
        {
            Logger.LogInformation("The sweep brought {Count} overdue faces to the vector index", applied);
        }
    }

    private async Task RebuildWhatIsIncompleteAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var db = services.GetRequiredService<IdentityDb>();
        var index = services.GetRequiredService<IFaceIndex>();
        var stored = await (
            from embedding in db.Embeddings
            join face in db.Faces on embedding.FaceId equals face.Id
            group face by new { embedding.Recogniser, face.GalleryId } into faces
            select new { faces.Key.Recogniser, faces.Key.GalleryId, Count = faces.LongCount() }).ToListAsync(cancellationToken);
        foreach (var recogniser in stored.GroupBy(count => count.Recogniser))
        {
            // Each change that the index has still to follow explains a difference of one.
            var explained = await db.IndexChanges.LongCountAsync(change => change.Recogniser == recogniser.Key, cancellationToken);
            foreach (var gallery in recogniser)
            {
                var held = await CountAsync(index, recogniser.Key, gallery.GalleryId, cancellationToken);
                if (held is null || Math.Abs(held.Value - gallery.Count) > explained)
                {
                    var total = await services.GetRequiredService<IndexSync>().RebuildAsync(recogniser.Key, cancellationToken);
                    Logger.LogWarning("The vector index of {Recogniser} was incomplete and has been rebuilt with {Count} faces", recogniser.Key, total);
                    break;
                }
            }
        }
    }

    /// <summary>What the index holds of a gallery; null if it cannot say: damaged, or away, which the rebuild will find out.</summary>
    private async Task<long?> CountAsync(IFaceIndex index, string recogniser, long galleryId, CancellationToken cancellationToken)
    {
        try
        {
            return await index.CountAsync(recogniser, new IndexFilter(galleryId), cancellationToken);
        }
        catch (FailureException e) when (e.Failure == Failure.Unavailable)
        {
            Logger.LogWarning("The vector index of {Recogniser} cannot be read: {Reason}", recogniser, e.Message);
            return null;
        }
    }
}
