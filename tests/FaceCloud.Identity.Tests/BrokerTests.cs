using System.Text.Json.Nodes;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults.Messaging;
using FaceCloud.Testing;
using Microsoft.EntityFrameworkCore;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit.Sdk;

namespace FaceCloud.Identity.Tests;

/// <summary>The pipeline with its events in a RabbitMQ server: several processes on one database, a broker that goes away, events that fail.</summary>
public sealed class BrokerTests(DatabaseServer databases, BrokerTests.Broker broker, ITestOutputHelper output)
    : IClassFixture<BrokerTests.Broker>, IAsyncDisposable
{
    private static readonly string[] Queues = ["photo-stored", "faces-detected", "faces-indexed", DeadLetters.Queue];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Queues_are_replicated_and_a_process_fetches_no_more_than_its_workers_need_next()
    {
        var gate = new TaskCompletionSource();
        await using var library = await RunningLibrary.NewAsync(
            databases, new FakePorts { Before = (_, cancellation) => gate.Task.WaitAsync(cancellation) }, Settings(("Library:Workers", "2")));
        await library.StartAsync();
        var photos = await AddAsync(library, 20);

        // Two in work and two fetched; the others wait where another process could take them. An event may be there twice.
        await Eventually.BecomesTrueAsync(async () => await WaitingAsync("photo-stored") >= photos.Count - 4, "all but four are in the queue");

        await AssertReplicatedAsync(Queues[..^1]);
        gate.SetResult();
        await library.UntilAsync(PhotoStatus.Processed, photos);
    }

    [Fact]
    public async Task Two_processes_share_the_photos_and_do_each_of_them_once()
    {
        var (first, second) = (0, 0);
        var together = new TaskCompletionSource();
        FakePorts Counting(Func<int> count) => new()
        {
            Before = async (_, cancellation) =>
            {
                count();
                if (Volatile.Read(ref first) > 0 && Volatile.Read(ref second) > 0)
                {
                    together.TrySetResult();
                }

                // Neither is done before the other has begun.
                await together.Task.WaitAsync(cancellation);
            },
        };
        await using var library = await RunningLibrary.NewAsync(
            databases, Counting(() => Interlocked.Increment(ref first)), Settings(("Library:Workers", "2")));
        await library.StartAsync();
        await using var replica = library.Replica(Counting(() => Interlocked.Increment(ref second)));
        await replica.StartAsync();
        var photos = await AddAsync(library, 60);
        await library.UntilAsync(PhotoStatus.Processed, photos);

        output.WriteLine($"{photos.Count} photos: {first} by one process, {second} by the other.");
        Assert.Equal(photos.Count, first + second);
        Assert.Equal(photos.Count, await library.WithDbAsync(db => db.Faces.CountAsync(Cancel)));
        Assert.Equal(photos.Count, await library.WithDbAsync(db => db.Embeddings.CountAsync(Cancel)));
    }

    [Fact]
    public async Task While_the_broker_is_away_photos_are_taken_in_and_once_it_is_back_each_is_done_once()
    {
        // Its own: a bus that is told to stop while it connects again goes on, and would take photos from the next test.
        await using var server = await RabbitMqServer.StartNewAsync();
        var begun = new TaskCompletionSource();
        var ports = new FakePorts
        {
            Before = (_, _) =>
            {
                begun.TrySetResult();
                return Task.CompletedTask;
            },
        };
        await using var library = await RunningLibrary.NewAsync(databases, ports, ("ConnectionStrings:messaging", server.ConnectionString));
        await library.StartAsync();

        // Every queue is there, and stays: the kill need not wait, and finds photos at work.
        await library.UntilAsync(PhotoStatus.Processed, await AddAsync(library, 1));
        await server.UntilQueuesAreKeptAsync();
        begun = new TaskCompletionSource();
        var before = await AddAsync(library, 10);
        await begun.Task.WaitAsync(Cancel);
        await server.KillAsync();
        var meanwhile = await AddAsync(library, 10);

        // A process that starts meanwhile does start.
        await using var replica = library.Replica(new FakePorts());
        await replica.StartAsync();
        Assert.Equal(
            10,
            await library.WithDbAsync(db =>
                db.Outbox.CountAsync(row => meanwhile.Select(photo => photo.Id).Contains(row.PhotoId!.Value), Cancel)));
        await server.StartAsync();
        await library.UntilAsync(PhotoStatus.Processed, before.Concat(meanwhile));
        Assert.Equal(21, await library.WithDbAsync(db => db.Faces.CountAsync(Cancel)));
    }

    [Fact]
    public async Task An_event_that_fails_is_put_aside_with_its_reason_and_sent_again_its_photo_starts_anew()
    {
        var isBroken = true;
        await using var library = await RunningLibrary.NewAsync(
            databases,
            new FakePorts
            {
                Before = (file, _) => isBroken && file.Contains("poison", StringComparison.Ordinal)
                    ? throw new InvalidOperationException("The network is of another shape.")
                    : Task.CompletedTask
            },
            Settings());
        await library.StartAsync();
        var poison = new[] { await library.AddAsync(FakePorts.File(1, "poison")), await library.AddAsync(FakePorts.File(2, "poison")) };
        await library.UntilAsync(PhotoStatus.Failed, poison);

        List<DeadLetter> dead = [];
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                try
                {
                    await using var first = await DeadLetters.OpenAsync(new Uri(broker.Server.ConnectionString), Cancel);
                    return (dead = await first.ReadAsync(Cancel).ToListAsync(Cancel)).Count == 2;
                }
                catch (IOException)
                {
                    // The queue is only just being made.
                    return false;
                }
            },
            "both events are put aside");
        await using var letters = await DeadLetters.OpenAsync(new Uri(broker.Server.ConnectionString), Cancel);
        Assert.All(dead, letter => Assert.Equal(
            ("photo-stored", "PhotoStored", "System.InvalidOperationException", "The network is of another shape."),
            (letter.Queue, letter.Event, letter.Error, letter.Reason)));
        Assert.Equal(poison.Select(photo => photo.Id), dead.Select(letter => (long)JsonNode.Parse(letter.Body)!["message"]!["photoId"]!).Order());
        await Eventually.BecomesTrueAsync(
            async () => dead.SequenceEqual(await letters.ReadAsync(Cancel).ToListAsync(Cancel)),
            "both are there after they were looked at");
        await AssertReplicatedAsync(DeadLetters.Queue);

        // Sent again too early it is put aside again. What was looked at is back in the queue a moment later.
        await Eventually.BecomesTrueAsync(async () => await letters.ReplayAsync(dead[0].Id, Cancel) == 1, "one is sent again");
        await Eventually.BecomesTrueAsync(async () => await letters.ReadAsync(Cancel).CountAsync(Cancel) == 2, "it is put aside again");
        Assert.Equal(0, await letters.ReplayAsync("another", Cancel));

        isBroken = false;
        var sent = 0;
        await Eventually.BecomesTrueAsync(async () => (sent += await letters.ReplayAsync(null, Cancel)) >= 2, "both are sent again");
        Assert.Equal(2, sent);
        await library.UntilAsync(PhotoStatus.Processed, poison);
        Assert.Equal(3, await library.WithDbAsync(db => db.Faces.CountAsync(Cancel)));
        Assert.Empty(await letters.ReadAsync(Cancel).ToListAsync(Cancel));
        Assert.Null((await library.PhotoAsync(poison[0].Id)).Reason);
    }

    [Fact]
    public async Task An_outage_puts_no_event_aside()
    {
        var (refused, isAway) = (0, true);
        await using var library = await RunningLibrary.NewAsync(
            databases,
            new FakePorts
            {
                Before = (_, _) => Volatile.Read(ref isAway) && Interlocked.Increment(ref refused) > 0
                    ? throw new Contracts.FailureException(Contracts.Failure.Unavailable, "The detection service does not answer.")
                    : Task.CompletedTask,
            },
            Settings(("Library:Workers", "2")));
        await library.StartAsync();
        var photos = await AddAsync(library, 4);
        await Eventually.BecomesTrueAsync(() => Task.FromResult(Volatile.Read(ref refused) > 10), "it was tried more often than anything else is");
        Volatile.Write(ref isAway, false);
        await library.UntilAsync(PhotoStatus.Processed, photos);
        await using var letters = await DeadLetters.OpenAsync(new Uri(broker.Server.ConnectionString), Cancel);
        Assert.Empty(await letters.ReadAsync(Cancel).ToListAsync(Cancel));
    }

    /// <summary>What a test left would be another's, whose database knows nothing of it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (broker.IsThere)
        {
            await using var connection = await ConnectAsync();
            foreach (var queue in Queues)
            {
                await using var channel = await connection.CreateChannelAsync();
                try
                {
                    // Not deleted: one that is declared again at once may be without a leader for a while.
                    await channel.QueuePurgeAsync(queue);
                }
                catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
                {
                    // No test has made it yet.
                }
            }
        }
    }

    private static async Task<IReadOnlyList<Photo>> AddAsync(RunningLibrary library, int count) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => library.AddAsync(FakePorts.File(1, $"person {i}"))));

    private (string, string)[] Settings(params (string, string)[] more) => [("ConnectionStrings:messaging", broker.Server.ConnectionString), .. more];

    private Task<IConnection> ConnectAsync() => new ConnectionFactory { Uri = new Uri(broker.Server.ConnectionString) }.CreateConnectionAsync(Cancel);

    /// <summary>Messages that nobody has fetched; a program that has just started may not have made the queue yet.</summary>
    private async Task<long> WaitingAsync(string queue)
    {
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        try
        {
            return await channel.MessageCountAsync(queue, Cancel);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return 0;
        }
    }

    /// <summary>A quorum queue cannot be declared as one of another kind.</summary>
    private async Task AssertReplicatedAsync(params string[] queues)
    {
        await using var connection = await ConnectAsync();
        foreach (var queue in queues)
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
            var refused = await Assert.ThrowsAsync<OperationInterruptedException>(
                () => channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel));
            Assert.Contains("'quorum'", refused.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>A broker for all tests of the class.</summary>
    public sealed class Broker : IAsyncLifetime
    {
        private RabbitMqServer? _server;
        private SkipException? _missing;

        public bool IsThere => _server is not null;

        public RabbitMqServer Server => _server ?? throw _missing!;

        public async ValueTask InitializeAsync()
        {
            try
            {
                _server = await RabbitMqServer.StartNewAsync();
            }
            catch (SkipException missing)
            {
                // A test may skip; a fixture that does fails its tests.
                _missing = missing;
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (_server is not null)
            {
                await _server.DisposeAsync();
            }
        }
    }
}
