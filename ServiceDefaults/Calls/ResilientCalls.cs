using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace FaceCloud.ServiceDefaults.Calls;

/// <summary>
/// Calls to one service: they take turns at its replicas, each attempt has its time and the whole call a deadline, a connection that fails is tried
/// again at the next replica (every call may be repeated), and a replica that keeps failing is left alone for a moment. An answer is an answer, 503
/// included: who is busy is not helped by being asked again at once.
/// </summary>
internal sealed class ResilientCalls : DelegatingHandler
{
    private readonly ResiliencePipeline<HttpResponseMessage> _call;
    private readonly Replica[] _replicas;
    private int _turn = -1;

    /// <param name="options">How patient.</param>
    /// <param name="addresses">Of the replicas, one at least.</param>
    public ResilientCalls(CallOptions options, IReadOnlyList<Uri> addresses)
    {
        _replicas = [.. addresses.Select(address => new Replica(address, Attempts(options)))];
        _call = new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddTimeout(options.Deadline)
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = Math.Max(1, options.Retries),
                Delay = options.Pause,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = arguments => ValueTask.FromResult(options.Retries > 0 && arguments.Outcome.Exception is HttpRequestException),
            })
            .Build();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var turn = (uint)Interlocked.Increment(ref _turn);

        // A body of unknown length is produced while it is sent: it takes as long as it takes, and there is no second time.
        if (request.Content is { Headers.ContentLength: null })
        {
            return await SendAsync(_replicas[turn % _replicas.Length], request, cancellationToken);
        }

        try
        {
            return await _call.ExecuteAsync(async cancellation => await AttemptAsync(turn++, request, cancellation), cancellationToken);
        }
        catch (Exception e) when (e is BrokenCircuitException or TimeoutRejectedException)
        {
            throw new HttpRequestException("The service does not answer.", e);
        }
    }

    /// <summary>At the replica whose turn it is, or the next that is not left alone.</summary>
    private async Task<HttpResponseMessage> AttemptAsync(uint turn, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (var passedOver = 0; ; passedOver++)
        {
            var replica = _replicas[(turn + passedOver) % _replicas.Length];
            try
            {
                return await replica.Attempts.ExecuteAsync(async cancellation => await AnswerAsync(replica, request, cancellation), cancellationToken);
            }
            catch (BrokenCircuitException) when (passedOver < _replicas.Length - 1)
            {
                // Nothing was sent.
            }
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(Replica replica, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await SendAsync(replica, request, cancellationToken);
        try
        {
            // The answer's body is part of the attempt.
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private Task<HttpResponseMessage> SendAsync(Replica replica, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.RequestUri = new Uri(replica.Address, request.RequestUri!.PathAndQuery);
        return base.SendAsync(request, cancellationToken);
    }

    private static ResiliencePipeline<HttpResponseMessage> Attempts(CallOptions options) => new ResiliencePipelineBuilder<HttpResponseMessage>()
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

    /// <param name="Address">Of a process of the service, or of a balancer before several.</param>
    /// <param name="Attempts">Knows whether it is failing.</param>
    private sealed record Replica(Uri Address, ResiliencePipeline<HttpResponseMessage> Attempts);
}
