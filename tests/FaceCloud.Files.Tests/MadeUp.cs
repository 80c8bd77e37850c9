namespace FaceCloud.Files.Tests;

/// <summary>A stream of bytes that come from nowhere: of any length, and one that may break off.</summary>
internal sealed class MadeUp(long length, long breaksAt = long.MaxValue, int seed = 0) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public static byte At(long position, int seed = 0) => (byte)(seed + position + (position >> 8) * 7 + (position >> 16) * 31);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_position >= breaksAt)
        {
            throw new IOException("The stream breaks off here.");
        }

        // In odd pieces, as from a network.
        var count = (int)Math.Min(Math.Min(buffer.Length, 10_007), Math.Min(length, breaksAt) - _position);
        for (var i = 0; i < count; i++)
        {
            buffer.Span[i] = At(_position + i, seed);
        }

        _position += count;
        return ValueTask.FromResult(count);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
