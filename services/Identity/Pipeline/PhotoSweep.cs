using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FaceCloud.Identity.Pipeline;

/// <summary>
/// Puts the event that a photo's status asks for into the outbox again where the photo has come to a standstill: before the service is ready, and
/// then every minute. A bus in memory has forgotten everything at a start; with a broker, only what has not moved for a while is taken up. Of several
/// processes one sweeps.
/// </summary>
internal sealed class PhotoSweep(
    IServiceScopeFactory scopes, OutboxSignal signal, IConfiguration configuration, IOptions<LibraryOptions> options, ILogger<PhotoSweep> logger)
    : PeriodicWork(scopes, options.Value.SweepPeriod, logger, isFirstBeforeReady: true)
{
    // All that is under way, until a first sweep has succeeded in a process whose bus is its own.
    private TimeSpan _olderThan = string.IsNullOrEmpty(configuration.GetConnectionString(ServiceNames.Messaging)) ? TimeSpan.Zero : options.Value.Overdue;

    protected override string Name => "The sweep of photos";

    protected override async Task WorkAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var db = services.GetRequiredService<IdentityDb>();
        await db.TryAloneAsync("photo sweep", 0, () => SweepAsync(db, _olderThan, cancellationToken), cancellationToken);
        _olderThan = options.Value.Overdue;
    }

    private async Task SweepAsync(IdentityDb db, TimeSpan olderThan, CancellationToken cancellationToken)
    {
        // 3 is PhotoStatus.Processed, as in the index that this uses.
        var swept = await db.Database.ExecuteSqlAsync(
            $$"""
              WITH overdue AS MATERIALIZED (
                  SELECT id, status FROM identity.photos
                  WHERE status < 3 AND (published_at IS NULL OR published_at <= now() - {{olderThan}})
                      AND NOT EXISTS (SELECT FROM identity.outbox WHERE outbox.photo_id = photos.id)
                  ORDER BY id FOR UPDATE SKIP LOCKED),
              waiting AS (UPDATE identity.photos SET published_at = NULL FROM overdue WHERE photos.id = overdue.id)
              INSERT INTO identity.outbox (kind, body, photo_id)
              SELECT (ARRAY['PhotoStored', 'FacesDetected', 'FacesIndexed'])[status + 1], json_build_object('PhotoId', id)::text, id FROM overdue ORDER BY id
              """,
            cancellationToken);
        if (swept > 0)
        {
            Logger.LogInformation("The sweep takes {Count} photos up again", swept);
            signal.Raise();
        }
    }
}
