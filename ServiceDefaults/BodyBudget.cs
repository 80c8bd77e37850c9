using System.Threading.RateLimiting;
using FaceCloud.Contracts;

namespace FaceCloud.ServiceDefaults;

/// <summary>
/// Bounds the memory of request bodies held at one time by all requests together. Queues bound the work, but a body waits in memory while its
/// request waits in a queue: without this, a thousand clients with large photos end the process.
/// </summary>
public sealed class BodyBudget : IDisposable
{
    private const int Unit = 1024;
    private const int Megabytes = 256;

    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions { PermitLimit = Megabytes * 1024 * 1024 / Unit, QueueLimit = 0 });

    /// <summary>Takes room for so many bytes, until disposed.</summary>
    /// <exception cref="FailureException"><see cref="Failure.Busy"/>: too much is held already.</exception>
    public IDisposable Take(long bytes)
    {
        var lease = _limiter.AttemptAcquire((int)((bytes + Unit - 1) / Unit));
        if (lease.IsAcquired)
        {
            return lease;
        }

        lease.Dispose();
        throw new FailureException(Failure.Busy, "Too many uploads are under way; try again shortly.");
    }

    public void Dispose() => _limiter.Dispose();
}
