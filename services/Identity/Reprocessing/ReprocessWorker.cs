using Microsoft.Extensions.Options;

namespace FaceCloud.Identity.Reprocessing;

/// <summary>Works off what jobs have to look at again, several photos at a time, beside the photos that are new.</summary>
internal sealed class ReprocessWorker(IServiceScopeFactory scopes, IOptions<LibraryOptions> options, ILogger<ReprocessWorker> logger) : BackgroundService
{
    // Between two looks for something to do.
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Value.ReprocessWorkers).Select(_ => Task.Run(() => WorkAsync(stoppingToken), stoppingToken)));

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (!await TryNextAsync(cancellationToken))
            {
                await Task.Delay(Tick, cancellationToken);
            }
        }
    }

    /// <returns>False: there is nothing to do, or it cannot be done now.</returns>
    private async Task<bool> TryNextAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            return await scope.ServiceProvider.GetRequiredService<ReprocessQueue>().WorkOffNextAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogError(e, "Photos are not reprocessed; it is tried again in {Period}", Tick);
            return false;
        }
    }
}
