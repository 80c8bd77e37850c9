namespace FaceCloud.Identity.Photos;

/// <summary>At the start and then every minute, deletes the files that are due: what a crash or a store that was away left behind.</summary>
internal sealed class FileSweep(IServiceScopeFactory scopes, ILogger<FileSweep> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period);
        do
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var deleted = await scope.ServiceProvider.GetRequiredService<FileRemovals>().SweepAsync(stoppingToken);
                if (deleted > 0)
                {
                    logger.LogInformation("The sweep deleted the files of {Count} removed or unfinished photos and faces", deleted);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The store may be a server that is away.
                logger.LogError(e, "Files of removed photos and faces could not be deleted; the sweep is tried again in a minute");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
