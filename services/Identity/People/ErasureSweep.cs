namespace FaceCloud.Identity.People;

/// <summary>At the start and then every minute, goes on with erasures that a crash or a server that was away interrupted.</summary>
internal sealed class ErasureSweep(IServiceScopeFactory scopes, ILogger<ErasureSweep> logger) : BackgroundService
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
                await scope.ServiceProvider.GetRequiredService<PersonErasure>().FinishAllAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The index or the store may be a server that is away.
                logger.LogError(e, "An erasure is not complete yet; the sweep goes on with it in a minute");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
