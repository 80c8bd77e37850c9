using System.Security.Cryptography;
using FaceCloud.Contracts;
using FaceCloud.Imaging;

namespace FaceCloud.Identity.Photos;

/// <summary>A file on its way into the store: recognised by its first bytes before any is written, and hashed as the rest passes.</summary>
internal sealed class ArrivingFile : Stream
{
    private readonly Stream _content;
    private readonly ReadOnlyMemory<byte> _start;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _passed;

    private ArrivingFile(Stream content, ReadOnlyMemory<byte> start) => (_content, _start) = (content, start);

    /// <summary>By its first bytes.</summary>
    public ImageFormat Format { get; private init; }

    /// <summary>How much of it has been read: all of it at the end.</summary>
    public override long Position
    {
        get => _passed;
        set => throw new NotSupportedException();
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    /// <exception cref="FailureException"><see cref="Failure.InvalidImage"/>: empty, or no image that is decoded.</exception>
    public static async Task<ArrivingFile> OpenAsync(Stream content, CancellationToken cancellationToken)
    {
        var start = new byte[ImageFormats.EnoughBytes];
        var length = await content.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        return new ArrivingFile(content, start.AsMemory(0, length)) { Format = ImageFormats.Require(start.AsSpan(0, length)) };
    }

    /// <summary>Of what has been read.</summary>
    public byte[] Sha256() => _hash.GetCurrentHash();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        if (_passed < _start.Length)
        {
            var rest = _start[(int)_passed..];
            read = Math.Min(rest.Length, buffer.Length);
            rest[..read].CopyTo(buffer);
        }
        else
        {
            read = await _content.ReadAsync(buffer, cancellationToken);
        }

        _hash.AppendData(buffer.Span[..read]);
        _passed += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }
}
