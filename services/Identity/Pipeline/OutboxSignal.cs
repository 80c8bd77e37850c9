using System.Threading.Channels;

namespace FaceCloud.Identity.Pipeline;

/// <summary>Wakes whoever publishes the outbox when this process has put something into it. Nothing depends on it but the delay.</summary>
internal sealed class OutboxSignal
{
    private readonly Channel<bool> _raised = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>There is something to publish: call it after the commit.</summary>
    public void Raise() => _raised.Writer.TryWrite(true);

    /// <summary>Returns when it was raised since the last wait, or after a time without.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(atMost);
        try
        {
            await _raised.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is up.
        }
    }
}
