using FaceCloud.Contracts.Clients;
using FaceCloud.Contracts.Ports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using DetectionAnswer = FaceCloud.Contracts.Ports.Detection;

namespace FaceCloud.Contracts.Tests;

/// <summary>Calls to a service of several processes, over HTTP/1.1 or HTTP/2.</summary>
public sealed class ReplicaTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_take_turns_at_the_replicas()
    {
        await using var second = await CountingAsync(2);
        await using var both = await CountingAsync(1, second.Address);

        var answers = new List<long>();
        for (var i = 0; i < 10; i++)
        {
            answers.Add(await both.Index.CountAsync("r", new IndexFilter(1), Cancel));
        }

        Assert.Equal([1, 2, 1, 2, 1, 2, 1, 2, 1, 2], answers);
    }

    [Fact]
    public async Task While_one_replica_is_away_every_call_is_answered_by_the_other()
    {
        await using var nowhere = Service.Nowhere();
        await using var both = await CountingAsync(1, nowhere.Address);

        // More than it takes for the dead one to be left alone.
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(1, await both.Index.CountAsync("r", new IndexFilter(1), Cancel));
        }
    }

    [Fact]
    public async Task A_call_ends_with_its_deadline_however_many_attempts_are_left()
    {
        await using var service = await Service.StartAsync(
            app => app.MapPost(InternalRoutes.IndexCount, (HttpContext http) => http.Abort()),
            settings: [("Calls:Retries", "10"), ("Calls:Pause", "00:01:00"), ("Calls:Deadline", "00:00:01")]);

        var failure = await Assert.ThrowsAsync<FailureException>(() => service.Index.CountAsync("r", new IndexFilter(1), Cancel));

        Assert.Equal(Failure.Unavailable, failure.Failure);
    }

    [Fact]
    public async Task Photos_and_rebuilds_travel_over_http2_without_tls_where_an_address_speaks_it()
    {
        var image = new byte[15_000_000];
        Random.Shared.NextBytes(image);
        await using var service = await Service.StartHttp2Async(new FakePorts
        {
            Detect = (bytes, _, _) =>
            {
                Assert.True(bytes.Span.SequenceEqual(image));
                return Task.FromResult(new DetectionAnswer(1, 2, [], "d"));
            },
            Rebuild = async (_, faces, cancel) => await faces.LongCountAsync(cancel),
        });

        Assert.Equal(2, (await service.Detector.DetectAsync(image, new DetectionRequest(), Cancel)).ImageHeight);
        Assert.Equal(
            20_000,
            await service.Index.RebuildAsync("r", Enumerable.Range(0, 20_000).Select(i => FakePorts.Face(i, 128)).ToAsyncEnumerable(), Cancel));
    }

    [Fact]
    public async Task A_failure_before_a_rebuild_is_sent_whole_arrives_over_http2_too()
    {
        await using var service = await Service.StartHttp2Async(new FakePorts
        {
            Rebuild = async (_, faces, cancel) => await faces.AnyAsync(cancel) ? throw new FailureException(Failure.Unavailable, "The disk is full.") : 0,
        });

        var failure = await Assert.ThrowsAsync<FailureException>(
            () => service.Index.RebuildAsync("r", Enumerable.Range(0, 20_000).Select(i => FakePorts.Face(i, 256)).ToAsyncEnumerable(), Cancel));

        Assert.Equal("The disk is full.", failure.Message);
    }

    /// <summary>A service that answers with its number, and a client of it and of a replica.</summary>
    private static Task<Service> CountingAsync(long number, Uri? replica = null) => Service.StartAsync(
        new FakePorts { Count = (_, _) => Task.FromResult(number) },
        replica is null ? [] : [($"services:{ServiceNames.VectorSearch}:http:1", replica.AbsoluteUri)]);
}
