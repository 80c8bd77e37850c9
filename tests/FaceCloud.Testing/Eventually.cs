using Xunit;

namespace FaceCloud.Testing;

/// <summary>Waits for states, not for time.</summary>
public static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Asks until it is so.</summary>
    /// <param name="condition">Asked again and again.</param>
    /// <param name="what">What is waited for, as in <c>nothing waits</c>.</param>
    /// <param name="every">From one question to the next; null: a few milliseconds.</param>
    public static async Task BecomesTrueAsync(Func<Task<bool>> condition, string what, TimeSpan? every = null)
    {
        using var timer = new PeriodicTimer(every ?? Interval);
        using var limit = new CancellationTokenSource(Limit);
        while (!await condition())
        {
            Assert.False(limit.IsCancellationRequested, $"It took too long: {what}.");
            await timer.WaitForNextTickAsync();
        }
    }
}
