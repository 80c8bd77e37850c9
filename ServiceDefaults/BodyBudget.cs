using System.Threading.RateLimiting;
using FaceCloud.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace FaceCloud.ServiceDefaults;

/// <summary>
/// Bounds the memory of request bodies held at one time by all requests together. Queues bound the work, but a body waits in memory while its
/// request waits in a queue: without this, a thousand clients with large photos end the process.
/// </summary>
public sealed class BodyBudget : IDisposable
{
    private const int Unit = 1024;
    private const int Megabyte = 1024 * 1024;
    private const int Megabytes = 256;

    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions { PermitLimit = Megabytes * (Megabyte / Unit), QueueLimit = 0 });

    /// <summary>Takes room for a request's body, until its response is sent. A body of unstated length counts as the largest allowed.</summary>
    /// <exception cref="FailureException"><see cref="Failure.TooLarge"/>; <see cref="Failure.Busy"/>: too much is held already.</exception>
    public void TakeFor(HttpRequest request)
    {
        var limit = request.HttpContext.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize ?? Megabytes * Megabyte;
        if (request.ContentLength > limit)
        {
            throw new FailureException(Failure.TooLarge, $"The request body is larger than {limit / Megabyte} MB.");
        }

        var lease = _limiter.AttemptAcquire((int)(((request.ContentLength ?? limit) + Unit - 1) / Unit));
        request.HttpContext.Response.RegisterForDispose(lease);
        if (!lease.IsAcquired)
        {
            throw new FailureException(Failure.Busy, "Too many uploads are under way; try again shortly.");
        }
    }

    public void Dispose() => _limiter.Dispose();
}
