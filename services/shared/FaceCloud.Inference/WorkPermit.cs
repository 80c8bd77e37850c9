using System.Runtime.ExceptionServices;
using System.Threading.RateLimiting;

namespace FaceCloud.Inference;

/// <summary>The place in a <see cref="WorkQueue"/> that a piece of work runs under. Valid while the work runs.</summary>
public sealed class WorkPermit
{
    private readonly ConcurrencyLimiter _limiter;

    internal WorkPermit(ConcurrencyLimiter limiter, CancellationToken cancellationToken)
    {
        _limiter = limiter;
        CancellationToken = cancellationToken;
    }

    /// <summary>The caller no longer wants the result.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>
    /// Does something for each of several items, such as the faces of one photo: on this thread, and beside it on as many others as there
    /// are permits that nobody wants at this moment. So one photo of forty faces takes the whole of an idle machine, and one share of a
    /// busy one: an extra permit is given up after the current item as soon as anyone waits.
    /// </summary>
    /// <param name="count">How many items.</param>
    /// <param name="body">Called once for each of 0 to <paramref name="count"/> - 1, in no particular order, from several threads.</param>
    /// <exception cref="OperationCanceledException">The work's token was cancelled; items not yet begun are not.</exception>
    /// <remarks>The first exception of an item is thrown when the items under way have ended; no further ones begin.</remarks>
    public void ForEach(int count, Action<int> body)
    {
        var next = -1;
        ExceptionDispatchInfo? failure = null;

        var helpers = new List<Task>();
        while (helpers.Count < count - 1 && _limiter.AttemptAcquire() is { IsAcquired: true } extra)
        {
            helpers.Add(Task.Run(() =>
            {
                using (extra)
                {
                    Work(mayContinue: () => _limiter.GetStatistics()!.CurrentQueuedCount == 0);
                }
            }));
        }

        Work(mayContinue: () => true);

        // Short: each helper is in its last item, or has not begun, and then Wait runs it here and it finds nothing to do.
        Task.WaitAll(helpers);
        failure?.Throw();

        void Work(Func<bool> mayContinue)
        {
            try
            {
                while (Volatile.Read(ref failure) is null && mayContinue() && Interlocked.Increment(ref next) is var item && item < count)
                {
                    CancellationToken.ThrowIfCancellationRequested();
                    body(item);
                }
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
            }
        }
    }
}
