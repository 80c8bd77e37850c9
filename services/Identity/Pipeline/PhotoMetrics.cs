using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Pipeline;

/// <summary>Measures now and then how much waits in the database, while somebody collects it.</summary>
internal sealed class PhotoMetrics(IServiceScopeFactory scopes, ILogger<PhotoMetrics> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period);
        do
        {
            if (IdentityMetrics.PhotosWaiting.Enabled)
            {
                await TryMeasureAsync(stoppingToken);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task TryMeasureAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<IdentityDb>();
            var waiting = await db.Photos.Where(photo => photo.Status < PhotoStatus.Processed).GroupBy(_ => 1)
                .Select(photos => new { Count = photos.LongCount(), Since = photos.Min(photo => photo.CreatedAt) }).SingleOrDefaultAsync(cancellationToken);
            IdentityMetrics.PhotosWaiting.Record(waiting?.Count ?? 0);
            IdentityMetrics.OldestPhoto.Record(waiting is null ? 0 : (DateTime.UtcNow - waiting.Since).TotalSeconds);
            IdentityMetrics.EventsWaiting.Record(await db.Outbox.LongCountAsync(cancellationToken));
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogWarning("What waits could not be counted; it is tried again: {Reason}", e.Message);
        }
    }
}
