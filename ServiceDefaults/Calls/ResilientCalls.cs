using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace FaceCloud.ServiceDefaults.Calls;

/// <summary>
/// Calls to one service: each attempt has its time, a connection that fails is tried again (every call may be repeated), and a service that
/// keeps failing is left alone for a moment. An answer is an answer, 503 included: who is busy is not helped by being asked again at once.
/// </summary>
internal sealed class ResilientCalls(CallOptions options) : DelegatingHandler
{
    private readonly ResiliencePipeline<HttpResponseMessage> _attempts = new ResiliencePipelineBuilder<HttpResponseMessage>()
        .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = Math.Max(1, options.Retries),
            Delay = options.Pause,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = arguments => ValueTask.FromResult(options.Retries > 0 && arguments.Outcome.Exception is HttpRequestException),
        })
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
        {
            FailureRatio = 0.5,
            MinimumThroughput = 10,
            SamplingDuration = TimeSpan.FromSeconds(10),
            BreakDuration = options.Break,
            ShouldHandle = new PredicateBuilder<HttpResponseMessage>().Handle<HttpRequestException>().Handle<TimeoutRejectedException>(),
        })
        .AddTimeout(options.Timeout)
        .Build();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // A body of unknown length is produced while it is sent: it takes as long as it takes, and there is no second time.
        if (request.Content is { Headers.ContentLength: null })
        {
            return await base.SendAsync(request, cancellationToken);
        }

        try
        {
            return await _attempts.ExecuteAsync(
                async cancellation =>
                {
                    var response = await base.SendAsync(request, cancellation);

                    try
                    {
                        // The answer's body is part of the attempt.
                        await response.Content.LoadIntoBufferAsync(cancellation);
                        return response;
                    }
                    catch
                    {
                        response.Dispose();
                        throw;
                    }
                },
                cancellationToken);
        }
        catch (Exception e) when (e is BrokenCircuitException or TimeoutRejectedException)
        {
            throw new HttpRequestException("The service does not answer.", e);
        }
    }
}
