using FaceCloud.ServiceDefaults;

namespace FaceCloud.Quality.Scores;

/// <summary>Stores what no event told of, because it was lost or this process was not there: after the start, and then every minute.</summary>
internal sealed class ScoreSweep(IServiceScopeFactory scopes, ILogger<ScoreSweep> logger) : PeriodicWork(scopes, TimeSpan.FromMinutes(1), logger)
{
    private bool _compared;

    protected override string Name => "The sweep of scores";

    protected override async Task WorkAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var feed = services.GetRequiredService<ScoreFeed>();
        if (!_compared)
        {
            await feed.CompareAsync(cancellationToken);
            _compared = true;
        }

        while (await feed.FollowAsync(cancellationToken))
        {
        }
    }
}
