using FaceCloud.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FaceCloud.Contracts.Tests;

public sealed class PeriodicWorkTests
{
    private static readonly Exception[] Failures =
    [
        new TaskCanceledException("A client's time limit.", new TimeoutException()),
        new FailureException(Failure.Unavailable, "A service is away."),
        new InvalidOperationException("A mistake."),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_one_time_fails_with_the_next_comes()
    {
        await using var services = new ServiceCollection().BuildServiceProvider();
        using var work = new FailingWork(services, isFirstBeforeReady: false);
        await work.StartAsync(Cancel);
        Assert.Same(work.Succeeded, await Task.WhenAny(work.Succeeded, work.ExecuteTask!));
        await work.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_service_that_waits_for_the_first_time_is_ready_after_it_even_where_it_fails()
    {
        await using var services = new ServiceCollection().BuildServiceProvider();
        using var work = new FailingWork(services, isFirstBeforeReady: true);
        Assert.Equal(0, work.Times);
        await work.StartAsync(Cancel);
        Assert.InRange(work.Times, 1, int.MaxValue);
        Assert.Same(work.Succeeded, await Task.WhenAny(work.Succeeded, work.ExecuteTask!));
        await work.StopAsync(Cancel);
    }

    /// <summary>Fails in each way once, and then succeeds.</summary>
    private sealed class FailingWork(IServiceProvider services, bool isFirstBeforeReady)
        : PeriodicWork(services.GetRequiredService<IServiceScopeFactory>(), TimeSpan.FromMilliseconds(1), NullLogger.Instance, isFirstBeforeReady)
    {
        private readonly TaskCompletionSource _succeeded = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _times;

        public int Times => Volatile.Read(ref _times);

        public Task Succeeded => _succeeded.Task;

        protected override string Name => "The work of this test";

        protected override Task WorkAsync(IServiceProvider services, CancellationToken cancellationToken)
        {
            var time = Interlocked.Increment(ref _times);
            if (time <= Failures.Length)
            {
                throw Failures[time - 1];
            }

            _succeeded.TrySetResult();
            return Task.CompletedTask;
        }
    }
}
