using System.Net;
using System.Net.Http.Headers;

namespace FaceCloud.Contracts.Frames;

/// <summary>One frame as a request body. Its length is known and it may be sent again.</summary>
internal sealed class FrameContent : HttpContent
{
    private readonly byte[] _head;
    private readonly ReadOnlyMemory<byte> _payload;

    private FrameContent(byte[] head, ReadOnlyMemory<byte> payload)
    {
        (_head, _payload) = (head, payload);
        Headers.ContentType = new MediaTypeHeaderValue(Frame.ContentType);
    }

    public static FrameContent Of<T>(Frame<T> frame) => new(frame.Head(), frame.Payload);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(_head, cancellationToken);
        await stream.WriteAsync(_payload, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _head.Length + _payload.Length;
        return true;
    }
}
