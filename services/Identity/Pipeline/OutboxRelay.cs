using FaceCloud.Identity.Data;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FaceCloud.Identity.Pipeline;

/// <summary>
/// Publishes what is in the outbox, in order; a row goes when the bus has confirmed. New photos are let through only while fewer than
/// <see cref="LibraryOptions.PhotosUnderWay"/> are under way, so that a million of them wait in the table and not in memory or in a broker.
/// One process at a time does this, whichever holds the lock.
/// </summary>
internal sealed class OutboxRelay(
    IServiceScopeFactory scopes, IBusControl bus, OutboxSignal signal, IHostApplicationLifetime lifetime,
    IOptions<LibraryOptions> options, ILogger<OutboxRelay> logger)
    : BackgroundService, IHostedLifecycleService
{
    private const int Batch = 256;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    // A broker that goes away keeps the publisher waiting, and with it a transaction that holds photos.
    private static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(10);

    // How many photos are under way is counted from all rows this often, and followed by their ids in between: a count of a long queue is slow.
    private static readonly TimeSpan CountPeriod = TimeSpan.FromMinutes(1);

    private bool _queuesAreThere;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Before anything else stops: the bus loses what is published while it stops.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => StopAsync(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The bus loses what is published before it runs, too.
        await Task.Delay(Timeout.Infinite, lifetime.ApplicationStarted).WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!stoppingToken.IsCancellationRequested)
        {
            await RelayAsync(stoppingToken);
            await signal.WaitAsync(Tick, stoppingToken);
        }
    }

    /// <summary>Publishes for as long as this process holds the lock and database and bus answer.</summary>
    private async Task RelayAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!_queuesAreThere)
            {
                // What is published before is lost; while a broker is away the events wait in the table.
                await bus.WaitForHealthStatus(BusHealthStatus.Healthy, cancellationToken);
                _queuesAreThere = true;
            }

            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<IdentityDb>();
            await db.TryAloneAsync("outbox", 0, () => RelayAsync(db, cancellationToken), cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogError(e, "Events wait in the outbox; publishing is tried again in a second");
        }
    }

    private async Task RelayAsync(IdentityDb db, CancellationToken cancellationToken)
    {
        while (true)
        {
            var underWay = await db.Photos
                .Where(photo => photo.Status < PhotoStatus.Processed && (photo.PublishedAt != null || photo.Status > PhotoStatus.Stored))
                .Select(photo => photo.Id).ToListAsync(cancellationToken);
            for (var counted = Environment.TickCount64; Environment.TickCount64 - counted < CountPeriod.TotalMilliseconds;)
            {
                (underWay, var isMore) = await PublishAsync(db, underWay, cancellationToken);
                if (!isMore)
                {
                    await signal.WaitAsync(Tick, cancellationToken);
                }
            }
        }
    }

    /// <summary>One portion.</summary>
    /// <returns>The photos under way now, and whether there is another portion.</returns>
    private async Task<(List<long> UnderWay, bool IsMore)> PublishAsync(IdentityDb db, List<long> underWay, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginRepeatableAsync(cancellationToken);
        underWay = await db.Photos.Where(photo => underWay.Contains(photo.Id) && photo.Status < PhotoStatus.Processed)
            .Select(photo => photo.Id).ToListAsync(cancellationToken);

        // What carries on a photo under way, or is no step of a photo, needs no room and goes first.
        var messages = await db.Outbox.FromSql(
            $"""
             SELECT * FROM identity.outbox WHERE photo_id = ANY({underWay}) OR photo_id IS NULL
             ORDER BY id LIMIT {Batch} FOR UPDATE SKIP LOCKED
             """).AsNoTracking().ToListAsync(cancellationToken);
        if (Math.Min(options.Value.PhotosUnderWay - underWay.Count, Batch) is > 0 and var room)
        {
            messages.AddRange(await db.Outbox.FromSql(
                $"""
                 SELECT * FROM identity.outbox WHERE photo_id <> ALL({underWay})
                 ORDER BY id LIMIT {room} FOR UPDATE SKIP LOCKED
                 """).AsNoTracking().ToListAsync(cancellationToken));
        }

        if (messages.Count == 0)
        {
            return (underWay, false);
        }

        // First, so that consumers of this process, which the bus reaches before the commit, wait for it at the photo's row.
        var ids = messages.Select(message => message.Id).ToArray();
        var photos = messages.Where(message => message.PhotoId is not null).Select(message => message.PhotoId!.Value).Distinct().ToArray();
        await db.Database.ExecuteSqlAsync(
            $"""
             WITH locked AS (SELECT id FROM identity.photos WHERE id = ANY({photos}) ORDER BY id FOR UPDATE)
             UPDATE identity.photos SET published_at = now() FROM locked WHERE photos.id = locked.id
             """,
            cancellationToken);
        await db.Database.ExecuteSqlAsync($"DELETE FROM identity.outbox WHERE id = ANY({ids})", cancellationToken);

        // What was begun is ended, also by a process that stops.
        using var limit = new CancellationTokenSource(PublishTimeout);
        await Task.WhenAll(messages.Select(message => PublishAsync(message, limit.Token)));
        await transaction.CommitAsync(CancellationToken.None);
        return ([.. underWay.Union(photos)], messages.Count >= Batch);
    }

    private async Task PublishAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        if (Outbox.TryRead(message, out var read))
        {
            using var span = Outbox.Resume(message);
            await bus.Publish(read, read.GetType(), cancellationToken);
            return;
        }

        // Nothing is lost with it: the sweep publishes what the photo's status asks for.
        logger.LogError("The outbox held an event of unknown kind {Kind} or form, which is dropped", message.Kind);
    }
}
