using System.Diagnostics;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FaceCloud.Identity.Groups;

/// <summary>Works out the groups of unidentified faces whenever faces have come, gone or been decided about.</summary>
internal sealed class GroupWorker(
    IServiceScopeFactory scopes, GroupSignal signal, IOptions<GroupOptions> options, ILogger<GroupWorker> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                await WorkAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // The database or another service may be away. What is noted stays noted.
                logger.LogError(e, "Unidentified faces are not grouped; it is tried again in {Period}", options.Value.Period);
                await Task.Delay(options.Value.Period, stoppingToken);
            }

            // At most half of the time is spent here while photos come in: what they bring together is worked out together.
            await Task.Delay(Stopwatch.GetElapsedTime(started), stoppingToken);
            await signal.WaitAsync(options.Value.Period, stoppingToken);
        }
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var galleries = await scope.ServiceProvider.GetRequiredService<IdentityDb>().GroupChanges
            .Select(change => change.GalleryId).Distinct().ToListAsync(cancellationToken);
        foreach (var gallery in galleries)
        {
            await scope.ServiceProvider.GetRequiredService<Grouping>().CatchUpAsync(gallery, cancellationToken);
        }
    }
}
