namespace FaceCloud.ServiceDefaults;

/// <summary>Bytes that arrive over a network: read once, forwards and without blocking.</summary>
public abstract class ArrivingStream : Stream
{
    private long _read;

    public sealed override bool CanRead => true;

    public sealed override bool CanSeek => false;

    public sealed override bool CanWrite => false;

    public sealed override long Length => throw new NotSupportedException();

    /// <summary>How much has been read: all of it at the end.</summary>
    public sealed override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public sealed override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await ReadNextAsync(buffer, cancellationToken);
        _read += read;
        OnRead(buffer.Span[..read]);
        return read;
    }

    public sealed override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public sealed override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public sealed override void Flush()
    {
    }

    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public sealed override void SetLength(long value) => throw new NotSupportedException();

    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <returns>How many bytes were put into the buffer; 0 at the end.</returns>
    protected abstract ValueTask<int> ReadNextAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>What has just been read, and is part of <see cref="Position"/> already.</summary>
    protected virtual void OnRead(ReadOnlySpan<byte> bytes)
    {
    }
}
