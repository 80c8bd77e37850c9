using System.Security.Cryptography;
using FaceCloud.Contracts;
using FaceCloud.Imaging;
using FaceCloud.ServiceDefaults;

namespace FaceCloud.Identity.Photos;

/// <summary>A file on its way into the store: recognised by its first bytes before any is written, and hashed as the rest passes.</summary>
internal sealed class ArrivingFile : ArrivingStream
{
    private readonly Stream _content;
    private readonly ReadOnlyMemory<byte> _start;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private ArrivingFile(Stream content, ReadOnlyMemory<byte> start) => (_content, _start) = (content, start);

    /// <summary>By its first bytes.</summary>
    public ImageFormat Format { get; private init; }

    /// <exception cref="FailureException"><see cref="Failure.InvalidImage"/>: empty, or no image that is decoded.</exception>
    public static async Task<ArrivingFile> OpenAsync(Stream content, CancellationToken cancellationToken)
    {
        var start = new byte[ImageFormats.EnoughBytes];
        var length = await content.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        return new ArrivingFile(content, start.AsMemory(0, length)) { Format = ImageFormats.Require(start.AsSpan(0, length)) };
    }

    /// <summary>Of what has been read.</summary>
    public byte[] Sha256() => _hash.GetCurrentHash();

    protected override ValueTask<int> ReadNextAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (Position >= _start.Length)
        {
            return _content.ReadAsync(buffer, cancellationToken);
        }

        var rest = _start[(int)Position..];
        var read = Math.Min(rest.Length, buffer.Length);
        rest[..read].CopyTo(buffer);
        return ValueTask.FromResult(read);
    }

    protected override void OnRead(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }
}
