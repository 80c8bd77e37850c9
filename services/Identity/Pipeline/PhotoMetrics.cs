using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Pipeline;

/// <summary>Measures now and then how much waits in the database, while somebody collects it.</summary>
internal sealed class PhotoMetrics(IServiceScopeFactory scopes, ILogger<PhotoMetrics> logger) : PeriodicWork(scopes, TimeSpan.FromSeconds(10), logger)
{
    protected override string Name => "The count of what waits";

    protected override async Task WorkAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (!IdentityMetrics.PhotosWaiting.Enabled)
        {
            return;
        }

        var db = services.GetRequiredService<IdentityDb>();
        var waiting = await db.Photos.Where(photo => photo.Status < PhotoStatus.Processed).GroupBy(_ => 1)
            .Select(photos => new { Count = photos.LongCount(), Since = photos.Min(photo => photo.CreatedAt) }).SingleOrDefaultAsync(cancellationToken);
        IdentityMetrics.PhotosWaiting.Record(waiting?.Count ?? 0);
        IdentityMetrics.OldestPhoto.Record(waiting is null ? 0 : (DateTime.UtcNow - waiting.Since).TotalSeconds);
        IdentityMetrics.EventsWaiting.Record(await db.Outbox.LongCountAsync(cancellationToken));
    }
}
