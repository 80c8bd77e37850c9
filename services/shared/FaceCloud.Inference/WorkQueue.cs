using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;
using FaceCloud.Contracts;

namespace FaceCloud.Inference;

/// <summary>
/// Bounds the work on one network: so much runs at once, so much waits (the oldest is next), anything beyond is refused at once. A request
/// that would wait for longer than its sender does is better refused while the sender can still go elsewhere.
/// </summary>
[SuppressMessage("Naming", "CA1711", Justification = "The suffix is for collections; this is a queue in the everyday sense.")]
public sealed class WorkQueue : IDisposable
{
    private readonly string _name;
    private readonly KeyValuePair<string, object?> _tag;
    private readonly int _concurrency;
    private readonly ConcurrencyLimiter _limiter;

    /// <param name="name">What the work is for, as the refusal says it.</param>
    /// <param name="concurrency">How much runs at once, at least 1.</param>
    /// <param name="limit">How much may wait, at least 0.</param>
    public WorkQueue(string name, int concurrency, int limit)
    {
        _name = name;
        _tag = new("network", name);
        _concurrency = concurrency;
        _limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = concurrency,
            QueueLimit = limit,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    /// <summary>How much runs now, in permits; one piece of work may hold more than one, see <see cref="WorkPermit.ForEach"/>.</summary>
    public int Running => _concurrency - (int)_limiter.GetStatistics()!.CurrentAvailablePermits;

    /// <summary>How much waits now.</summary>
    public int Waiting => (int)_limiter.GetStatistics()!.CurrentQueuedCount;

    /// <summary>Runs work on the thread pool as soon as there is room; never on the caller's own thread, which may be one that serves sockets.</summary>
    /// <param name="work">Synchronous work of the processor. It gets the permit it runs under.</param>
    /// <param name="cancellationToken">Leaves the queue at once; work that has begun sees it as <see cref="WorkPermit.CancellationToken"/>.</param>
    /// <exception cref="FailureException"><see cref="Failure.Busy"/>: as much as may wait is waiting already.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<T> RunAsync<T>(Func<WorkPermit, T> work, CancellationToken cancellationToken)
    {
        using var lease = await AcquireAsync(cancellationToken);
        if (!lease.IsAcquired)
        {
            InferenceMetrics.Refused.Add(1, _tag);
            throw new FailureException(Failure.Busy, $"Too many requests are waiting for the {_name}; try again shortly.");
        }

        var permit = new WorkPermit(_limiter, cancellationToken);
        return await Task.Run(() => work(permit), cancellationToken);
    }

    /// <summary>Refuses what waits and what comes.</summary>
    public void Dispose() => _limiter.Dispose();

    private async ValueTask<RateLimitLease> AcquireAsync(CancellationToken cancellationToken)
    {
        InferenceMetrics.Waiting.Add(1, _tag);
        try
        {
            return await _limiter.AcquireAsync(permitCount: 1, cancellationToken);
        }
        finally
        {
            InferenceMetrics.Waiting.Add(-1, _tag);
        }
    }
}
