using System.Runtime.CompilerServices;

namespace FaceCloud.Contracts.Frames;

/// <summary>
/// Frames one after the other, for what is too large to be in memory whole; each says how long it is. There is no mark at the end: a body that
/// breaks off is an error of HTTP already.
/// </summary>
public static class FrameSequence
{
    /// <summary>The most one frame of a sequence may be, in bytes, so that a damaged length does not take all memory.</summary>
    public const int MaxFrameLength = 16 * 1024 * 1024;

    /// <summary>The frames of a stream up to its end.</summary>
    /// <exception cref="DamagedFrameException">See there; or the stream ends within a frame.</exception>
    public static async IAsyncEnumerable<Frame<T>> ReadAsync<T>(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var head = new byte[FrameHeader.Size];
        while (await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken) is > 0 and var got)
        {
            var header = FrameHeader.Read(head.AsSpan(0, got));
            if (header.FrameLength > MaxFrameLength)
            {
                throw new DamagedFrameException($"A frame of a sequence is at most {MaxFrameLength} bytes long; this one says {header.FrameLength}.");
            }

            var frame = new byte[header.FrameLength];
            head.CopyTo(frame, 0);
            var rest = frame.AsMemory(head.Length);
            if (await stream.ReadAtLeastAsync(rest, rest.Length, throwOnEndOfStream: false, cancellationToken) < rest.Length)
            {
                throw new DamagedFrameException("The sequence ends within a frame.");
            }

            yield return Frame.Parse<T>(frame);
        }
    }
}
