using System.Collections.Concurrent;
using FaceCloud.Contracts;

namespace FaceCloud.Inference.Tests;

public sealed class WorkQueueTests
{
    [Fact]
    public async Task No_more_runs_at_once_than_allowed_however_many_ask()
    {
        using var queue = new WorkQueue("detector", concurrency: 2, limit: 1000);
        var (running, most) = (0, 0);

        var answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(() => queue.RunAsync(
            _ =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref running));
                Thread.SpinWait(1000);
                Interlocked.Decrement(ref running);
                return i;
            },
            CancellationToken.None).AsTask())));

        Assert.Equal(Enumerable.Range(0, 500), answers);
        Assert.InRange(most, 1, 2);
        Assert.Equal((0, 0), (queue.Running, queue.Waiting));
    }

    [Fact]
    public async Task As_much_runs_at_once_as_allowed()
    {
        using var queue = new WorkQueue("detector", concurrency: 2, limit: 0);
        using var both = new Barrier(2);

        // Each waits inside its work for the other.
        var work = Enumerable.Range(0, 2)
            .Select(_ => queue.RunAsync(permit => both.SignalAndWait(Patience, permit.CancellationToken), CancellationToken.None).AsTask());

        Assert.All(await Task.WhenAll(work), Assert.True);
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once()
    {
        using var queue = new WorkQueue("recogniser", concurrency: 1, limit: 2);
        using var gate = new Gate();
        var running = gate.Occupy(queue);
        var waiting = Enumerable.Range(0, 2).Select(i => queue.RunAsync(_ => i, CancellationToken.None).AsTask()).ToArray();
        await gate.Entered;
        Assert.Equal((1, 2), (queue.Running, queue.Waiting));

        var refusal = await Assert.ThrowsAsync<FailureException>(() => queue.RunAsync(_ => 0, CancellationToken.None).AsTask());

        Assert.Equal(Failure.Busy, refusal.Failure);
        Assert.Contains("recogniser", refusal.Message, StringComparison.Ordinal);
        gate.Open();
        await running;
        var answers = await Task.WhenAll(waiting);
        Assert.Equal([0, 1], answers);
    }

    [Fact]
    public async Task Work_that_waits_begins_in_the_order_it_came()
    {
        using var queue = new WorkQueue("detector", concurrency: 1, limit: 100);
        using var gate = new Gate();
        var order = new ConcurrentQueue<int>();
        var running = gate.Occupy(queue);
        var waiting = Enumerable.Range(0, 100).Select(i => queue.RunAsync(_ => { order.Enqueue(i); return i; }, CancellationToken.None).AsTask()).ToArray();

        gate.Open();
        await Task.WhenAll(waiting);
        await running;

        Assert.Equal(Enumerable.Range(0, 100), order);
    }

    [Fact]
    public async Task Whoever_gives_up_while_waiting_leaves_the_queue_at_once()
    {
        using var queue = new WorkQueue("detector", concurrency: 1, limit: 1);
        using var gate = new Gate();
        using var sender = new CancellationTokenSource();
        var running = gate.Occupy(queue);
        var began = false;
        var waiting = queue.RunAsync(_ => began = true, sender.Token).AsTask();
        Assert.Equal(1, queue.Waiting);

        await sender.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, queue.Waiting);
        var next = queue.RunAsync(_ => 7, CancellationToken.None).AsTask(); // its place is free again
        gate.Open();
        await running;
        Assert.Equal(7, await next);
        Assert.False(began);
    }

    [Fact]
    public async Task Work_that_fails_makes_room_and_its_caller_sees_why()
    {
        using var queue = new WorkQueue("detector", concurrency: 1, limit: 0);

        for (var i = 0; i < 3; i++)
        {
            var exception = await Assert.ThrowsAsync<FailureException>(
                () => queue.RunAsync<int>(_ => throw new FailureException(Failure.InvalidImage, "no image"), CancellationToken.None).AsTask());
            Assert.Equal(Failure.InvalidImage, exception.Failure);
        }

        Assert.Equal(0, queue.Running);
    }

    [Fact]
    public async Task Work_never_runs_on_the_thread_that_brings_it()
    {
        using var queue = new WorkQueue("detector", concurrency: 1, limit: 0);
        var onPool = Task.FromResult(false);
        var bringer = new Thread(() => onPool = queue.RunAsync(_ => Thread.CurrentThread.IsThreadPoolThread, CancellationToken.None).AsTask());

        bringer.Start();
        bringer.Join();

        Assert.True(await onPool); // and the thread that brought it is none of the pool's
    }

    [Fact]
    public async Task The_faces_of_one_photo_are_each_worked_on_once()
    {
        using var queue = new WorkQueue("recogniser", concurrency: 4, limit: 0);
        var visits = new int[1000];

        await queue.RunAsync(
            permit =>
            {
                permit.ForEach(visits.Length, i => Interlocked.Increment(ref visits[i]));
                return 0;
            },
            CancellationToken.None);

        Assert.All(visits, count => Assert.Equal(1, count));
        Assert.Equal(0, queue.Running);
    }

    [Fact]
    public async Task One_photo_takes_the_whole_of_an_idle_machine()
    {
        using var queue = new WorkQueue("recogniser", concurrency: 2, limit: 0);
        using var both = new Barrier(2);
        var met = true;

        // Two faces wait for each other, which only two threads can do.
        await queue.RunAsync(
            permit =>
            {
                permit.ForEach(2, _ => met &= both.SignalAndWait(Patience));
                return 0;
            },
            CancellationToken.None);

        Assert.True(met);
    }

    [Fact]
    public async Task One_photo_leaves_the_share_of_others_alone()
    {
        using var queue = new WorkQueue("recogniser", concurrency: 2, limit: 1);
        using var gate = new Gate();
        var other = gate.Occupy(queue);
        await gate.Entered;
        var threads = new ConcurrentDictionary<int, bool>();

        await queue.RunAsync(
            permit =>
            {
                permit.ForEach(50, _ => threads[Environment.CurrentManagedThreadId] = true);
                return 0;
            },
            CancellationToken.None);

        Assert.Single(threads);
        gate.Open();
        await other;
    }

    [Fact]
    public async Task One_photo_gives_an_extra_share_up_when_someone_waits()
    {
        using var queue = new WorkQueue("recogniser", concurrency: 2, limit: 1);
        var bothBegan = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var bothAtWork = new Barrier(2, _ => bothBegan.SetResult());
        using var someoneWaits = new ManualResetEventSlim();
        var someoneServed = new TaskCompletionSource();

        // The first two faces hold both permits. Once someone waits, the third face does not end before that one has been served.
        var photo = queue.RunAsync(
            permit =>
            {
                permit.ForEach(3, i =>
                {
                    if (i < 2)
                    {
                        bothAtWork.SignalAndWait(Patience);
                        someoneWaits.Wait(Patience);
                    }
                    else
                    {
                        Assert.True(someoneServed.Task.Wait(Patience));
                    }
                });
                return 0;
            },
            CancellationToken.None).AsTask();

        await bothBegan.Task;
        var someone = queue.RunAsync(_ => someoneServed.TrySetResult(), CancellationToken.None).AsTask();
        someoneWaits.Set();

        Assert.True(await someone);
        await photo;
    }

    [Fact]
    public async Task A_face_that_fails_ends_its_photo_and_frees_every_share()
    {
        using var queue = new WorkQueue("recogniser", concurrency: 2, limit: 0);
        var visited = 0;

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => queue.RunAsync(
            permit =>
            {
                permit.ForEach(1_000_000_000, i =>
                {
                    Interlocked.Increment(ref visited);
                    if (i == 10)
                    {
                        throw new InvalidOperationException("face 10");
                    }
                });
                return 0;
            },
            CancellationToken.None).AsTask());

        Assert.Equal("face 10", exception.Message);
        Assert.True(visited < 1_000_000_000);
        Assert.Equal(0, queue.Running);
    }

    [Fact]
    public async Task A_sender_that_gives_up_ends_the_photo_between_two_faces()
    {
        using var queue = new WorkQueue("recogniser", concurrency: 1, limit: 0);
        using var sender = new CancellationTokenSource();
        var visited = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queue.RunAsync(
            permit =>
            {
                permit.ForEach(100, i =>
                {
                    visited++;
                    if (i == 4)
                    {
                        sender.Cancel();
                    }
                });
                return 0;
            },
            sender.Token).AsTask());

        Assert.Equal(5, visited);
        Assert.Equal(0, queue.Running);
    }

    // Long enough that only a fault reaches it.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }

    /// <summary>Work that runs until the gate opens.</summary>
    private sealed class Gate : IDisposable
    {
        private readonly ManualResetEventSlim _open = new();
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Entered => _entered.Task;

        public Task<bool> Occupy(WorkQueue queue) => queue.RunAsync(
            _ =>
            {
                _entered.SetResult();
                return _open.Wait(Patience);
            },
            CancellationToken.None).AsTask();

        public void Open() => _open.Set();

        public void Dispose()
        {
            _open.Set();
            _open.Dispose();
        }
    }
}
