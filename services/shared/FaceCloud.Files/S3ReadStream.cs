using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace FaceCloud.Files;

/// <summary>
/// A file in a bucket, read in ranges that grow while it is read on: from its middle as well as from its start, without fetching much that is not
/// read. All of them are of the same version; a file that is replaced or deleted meanwhile is an error.
/// </summary>
internal sealed class S3ReadStream(IAmazonS3 s3, string bucket, string key, string etag, long length) : Stream
{
    private const long FirstRange = 256 * 1024;
    private const long LargestRange = 8 * 1024 * 1024;

    private GetObjectResponse? _range;
    private long _position;
    private long _rangeEnd;
    private long _nextRange = FirstRange;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        var to = offset + origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => _position, _ => length };
        if (to < 0)
        {
            throw new IOException("There is nothing before the start of a file.");
        }

        if (to != _position)
        {
            CloseRange();
            (_position, _nextRange) = (to, FirstRange);
        }

        return _position;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= length || buffer.IsEmpty)
        {
            return 0;
        }

        if (_range is null)
        {
            var end = Math.Min(_position + _nextRange, length);
            var request = new GetObjectRequest { BucketName = bucket, Key = key, EtagToMatch = etag, ByteRange = new ByteRange(_position, end - 1) };
            try
            {
                _range = await S3FileStore.AskAsync(() => s3.GetObjectAsync(request, cancellationToken));
            }
            catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.PreconditionFailed)
            {
                throw new IOException($"The file {key} was replaced or deleted while it was read.", e);
            }

            _rangeEnd = end;
            _nextRange = Math.Min(_nextRange * 2, LargestRange);
        }

        var read = await _range.ResponseStream.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _rangeEnd - _position)], cancellationToken);
        if (read == 0)
        {
            throw new IOException($"The file {key} ended before its length.");
        }

        _position += read;
        if (_position == _rangeEnd)
        {
            CloseRange();
        }

        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            CloseRange();
        }

        base.Dispose(disposing);
    }

    private void CloseRange()
    {
        _range?.Dispose();
        _range = null;
    }
}
