using FaceCloud.Contracts.Events;
using MassTransit;

namespace FaceCloud.Quality.Scores;

internal sealed class FacesChangedConsumer(ScoreFeed feed) : IConsumer<FacesChanged>
{
    public async Task Consume(ConsumeContext<FacesChanged> context)
    {
        while (await feed.FollowAsync(context.CancellationToken))
        {
        }
    }
}
