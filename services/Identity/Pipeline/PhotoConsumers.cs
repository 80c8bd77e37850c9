using FaceCloud.Contracts.Events;
using FaceCloud.ServiceDefaults.Messaging;
using MassTransit;
using Microsoft.Extensions.Options;

namespace FaceCloud.Identity.Pipeline;

internal sealed class PhotoStoredConsumer(PhotoPipeline pipeline) : IConsumer<PhotoStored>
{
    public Task Consume(ConsumeContext<PhotoStored> context) => pipeline.ConsumeAsync(context, context.Message.PhotoId, pipeline.DetectAsync);
}

internal sealed class FacesDetectedConsumer(PhotoPipeline pipeline) : IConsumer<FacesDetected>
{
    public Task Consume(ConsumeContext<FacesDetected> context) => pipeline.ConsumeAsync(context, context.Message.PhotoId, pipeline.IndexAsync);
}

internal sealed class FacesIndexedConsumer(PhotoPipeline pipeline) : IConsumer<FacesIndexed>
{
    public Task Consume(ConsumeContext<FacesIndexed> context) => pipeline.ConsumeAsync(context, context.Message.PhotoId, pipeline.DecideAsync);
}

/// <summary>How many photos a process works on at once, and how many more it fetches: as many again, so that no worker waits for the broker.</summary>
internal sealed class PhotoConsumerDefinition<TConsumer>(IOptions<LibraryOptions> options) : ConsumerDefinition<TConsumer>
    where TConsumer : class, IConsumer
{
    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<TConsumer> consumerConfigurator, IRegistrationContext context)
    {
        consumerConfigurator.ConcurrentMessageLimit = options.Value.Workers;
        endpointConfigurator.PrefetchCount = 2 * options.Value.Workers;
    }
}

file static class PhotoEvents
{
    public static async Task ConsumeAsync(this PhotoPipeline pipeline, ConsumeContext context, long photoId, Func<long, bool, CancellationToken, Task> step)
    {
        if (context.IsReplay() && await pipeline.ReviveAsync(photoId, context.CancellationToken))
        {
            // Its first event is in the outbox.
            return;
        }

        await step(photoId, context.IsLastAttempt(), context.CancellationToken);
    }
}
