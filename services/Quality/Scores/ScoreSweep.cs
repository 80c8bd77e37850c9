using FaceCloud.ServiceDefaults.Errors;

namespace FaceCloud.Quality.Scores;

/// <summary>Stores what no event told of, because it was lost or this process was not there: after the start, and then every minute.</summary>
internal sealed class ScoreSweep(IServiceScopeFactory scopes, ILogger<ScoreSweep> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private bool _compared;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period);
        do
        {
            await SweepAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var feed = scope.ServiceProvider.GetRequiredService<ScoreFeed>();
            if (!_compared)
            {
                await feed.CompareAsync(cancellationToken);
                _compared = true;
            }

            while (await feed.FollowAsync(cancellationToken))
            {
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Outage.MayPass(e))
        {
            // The identity service may be a process of its own that is not up yet.
            logger.LogWarning("Scores of faces wait for a service that is away: {Reason}", e.Message);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogError(e, "The sweep of scores failed; it is tried again");
        }
    }
}
