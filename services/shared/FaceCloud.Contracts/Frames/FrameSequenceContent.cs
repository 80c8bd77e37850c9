using System.Net;
using System.Net.Http.Headers;
using System.Runtime.ExceptionServices;

namespace FaceCloud.Contracts.Frames;

/// <summary>A sequence of frames as a request body, produced while it is sent; so its length is unknown and it can be sent once only.</summary>
internal sealed class FrameSequenceContent<T> : HttpContent
{
    private readonly IAsyncEnumerable<Frame<T>> _frames;
    private ExceptionDispatchInfo? _sourceFault;

    public FrameSequenceContent(IAsyncEnumerable<Frame<T>> frames)
    {
        _frames = frames;
        Headers.ContentType = new MediaTypeHeaderValue(Frame.ContentType);
    }

    /// <summary>Throws what the source threw, if that is why the request failed: it is the caller's own exception and no fault of the service.</summary>
    public void ThrowIfSourceFailed() => _sourceFault?.Throw();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var frames = _frames.GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(frames))
        {
            await stream.WriteAsync(frames.Current.Head(), cancellationToken);
            await stream.WriteAsync(frames.Current.Payload, cancellationToken);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<Frame<T>> frames)
    {
        try
        {
            return await frames.MoveNextAsync();
        }
        catch (Exception e)
        {
            _sourceFault = ExceptionDispatchInfo.Capture(e);
            throw;
        }
    }
}
