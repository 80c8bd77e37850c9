using System.Buffers;
using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using FaceCloud.Contracts;
using Microsoft.Extensions.Options;

namespace FaceCloud.Files;

/// <summary>
/// Files in a bucket of a server that speaks S3, Amazon's or another's: paths instead of host names for buckets, no chunked signatures and no
/// checksums but where they are required, because not every server knows them. A file appears when its last byte is acknowledged; how durable
/// that is, is the server's to say.
/// </summary>
internal sealed class S3FileStore : IFileStore, IDisposable
{
    // A power of two, as pools rent; S3 wants 5 MB at least of all parts but the last. 10,000 of them are allowed.
    private const int PartSize = 8 * 1024 * 1024;
    private const int FirstBuffer = 64 * 1024;

    // Not the shared pool: that keeps an array of each size for every thread that ever gave one back.
    private static readonly ArrayPool<byte> Buffers = ArrayPool<byte>.Create(PartSize, maxArraysPerBucket: 4);

    private readonly AmazonS3Client _s3;
    private readonly string _bucket;

    public S3FileStore(IOptions<FileOptions> options)
    {
        var files = options.Value;
        _bucket = files.Bucket!;
        _s3 = new AmazonS3Client(new BasicAWSCredentials(files.AccessKey, files.SecretKey), new AmazonS3Config
        {
            ServiceURL = files.Endpoint?.AbsoluteUri ?? $"https://s3.{files.Region}.amazonaws.com",
            AuthenticationRegion = files.Region,
            ForcePathStyle = true,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
    }

    public int WriteMemory => PartSize;

    public async Task WriteAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        FileKey.Require(key);
        var buffer = Buffers.Rent(FirstBuffer);
        try
        {
            int length;
            (buffer, length) = await FillGrowingAsync(buffer, content, cancellationToken);
            if (length < PartSize)
            {
                using var whole = new MemoryStream(buffer, 0, length, writable: false);
                await AskAsync(() => _s3.PutObjectAsync(
                    new PutObjectRequest { BucketName = _bucket, Key = key, InputStream = whole, AutoCloseStream = false, UseChunkEncoding = false },
                    cancellationToken));
            }
            else
            {
                await WritePartsAsync(key, buffer, content, cancellationToken);
            }
        }
        finally
        {
            // Photos of people do not stay in a pool.
            Buffers.Return(buffer, clearArray: true);
        }
    }

    public async Task<Stream?> OpenAsync(string key, CancellationToken cancellationToken)
    {
        FileKey.Require(key);
        try
        {
            var file = await AskAsync(() => _s3.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = _bucket, Key = key }, cancellationToken));
            return new S3ReadStream(_s3, _bucket, key, file.ETag, file.ContentLength);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public string? Link(string key, string mediaType, TimeSpan life) => _s3.GetPreSignedURL(new GetPreSignedUrlRequest
    {
        BucketName = _bucket,
        Key = FileKey.Require(key),
        Expires = DateTime.UtcNow + life,
        Protocol = new Uri(_s3.Config.ServiceURL).Scheme == Uri.UriSchemeHttp ? Protocol.HTTP : Protocol.HTTPS,
        ResponseHeaderOverrides = { ContentType = mediaType },
    });

    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        FileKey.Require(key, mayBeFolder: true);
        if (!key.EndsWith('/'))
        {
            await AskAsync(() => _s3.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _bucket, Key = key }, cancellationToken));
        }
        else
        {
            // A page has 1000 keys, as many as one deletion takes.
            await foreach (var page in PagesAsync(key, cancellationToken))
            {
                await AskAsync(() => _s3.DeleteObjectsAsync(
                    new DeleteObjectsRequest { BucketName = _bucket, Quiet = true, Objects = [.. page.Select(file => new KeyVersion { Key = file.Key })] },
                    cancellationToken));
            }
        }

        await AbortUnfinishedAsync(key, cancellationToken);
    }

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in PagesAsync(prefix, cancellationToken))
        {
            foreach (var file in page)
            {
                yield return file.Key;
            }
        }
    }

    public void Dispose() => _s3.Dispose();

    /// <summary>Sends a request; a server that is away, or says that it cannot now, is a failure that passes.</summary>
    internal static async Task<T> AskAsync<T>(Func<Task<T>> request)
    {
        try
        {
            return await request();
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException { InnerException: TimeoutException }
            or AmazonServiceException { StatusCode: 0 or >= HttpStatusCode.InternalServerError and not HttpStatusCode.NotImplemented })
        {
            throw new FailureException(Failure.Unavailable, "The file store does not answer; try again.", e);
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<S3Object>> PagesAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? next = null;
        do
        {
            var page = await AskAsync(() => _s3.ListObjectsV2Async(
                new ListObjectsV2Request { BucketName = _bucket, Prefix = prefix, ContinuationToken = next }, cancellationToken));
            if (page.S3Objects is { Count: > 0 } files)
            {
                yield return files;
            }

            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (next is not null);
    }

    /// <summary>Reads until a part is full or the content ends; most files are smaller, so the buffer starts small.</summary>
    private static async Task<(byte[] Buffer, int Length)> FillGrowingAsync(byte[] buffer, Stream content, CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var room = Math.Min(buffer.Length, PartSize) - length;
            var read = await content.ReadAtLeastAsync(buffer.AsMemory(length, room), room, throwOnEndOfStream: false, cancellationToken);
            length += read;
            if (read < room || length == PartSize)
            {
                return (buffer, length);
            }

            var larger = Buffers.Rent(Math.Min(buffer.Length * 2, PartSize));
            buffer.AsSpan(0, length).CopyTo(larger);
            Buffers.Return(buffer, clearArray: true);
            buffer = larger;
        }
    }

    /// <param name="key">The file's.</param>
    /// <param name="buffer">Holds the first part, and then each other.</param>
    /// <param name="content">The rest.</param>
    /// <param name="cancellationToken">Ends the upload; nothing of it stays.</param>
    private async Task WritePartsAsync(string key, byte[] buffer, Stream content, CancellationToken cancellationToken)
    {
        var upload = (await AskAsync(() => _s3.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest { BucketName = _bucket, Key = key }, cancellationToken))).UploadId;
        try
        {
            var parts = new List<PartETag>();
            var length = PartSize;
            while (length > 0)
            {
                using var part = new MemoryStream(buffer, 0, length, writable: false);
                var number = parts.Count + 1;
                var request = new UploadPartRequest
                {
                    BucketName = _bucket,
                    Key = key,
                    UploadId = upload,
                    PartNumber = number,
                    PartSize = length,
                    InputStream = part,
                    UseChunkEncoding = false,
                };
                parts.Add(new PartETag(number, (await AskAsync(() => _s3.UploadPartAsync(request, cancellationToken))).ETag));
                length = await content.ReadAtLeastAsync(buffer.AsMemory(0, PartSize), PartSize, throwOnEndOfStream: false, cancellationToken);
            }

            await AskAsync(() => _s3.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest { BucketName = _bucket, Key = key, UploadId = upload, PartETags = parts }, cancellationToken));
        }
        catch
        {
            await WhereImplementedAsync(() => AbortAsync(key, upload, CancellationToken.None));
            throw;
        }
    }

    /// <summary>Ends uploads that a crash cut off: no listing shows them, but their parts take room.</summary>
    private Task AbortUnfinishedAsync(string prefix, CancellationToken cancellationToken) => WhereImplementedAsync(async () =>
    {
        var unfinished = await AskAsync(() => _s3.ListMultipartUploadsAsync(
            new ListMultipartUploadsRequest { BucketName = _bucket, Prefix = prefix }, cancellationToken));
        foreach (var upload in unfinished.MultipartUploads ?? [])
        {
            await AbortAsync(upload.Key, upload.UploadId, cancellationToken);
        }
    });

    private Task<AbortMultipartUploadResponse> AbortAsync(string key, string upload, CancellationToken cancellationToken) =>
        AskAsync(() => _s3.AbortMultipartUploadAsync(
            new AbortMultipartUploadRequest { BucketName = _bucket, Key = key, UploadId = upload }, cancellationToken));

    /// <summary>Some servers end unfinished uploads themselves, after a time that they are told, and know no request for it.</summary>
    private static async Task WhereImplementedAsync(Func<Task> request)
    {
        try
        {
            await request();
        }
        catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.NotImplemented or HttpStatusCode.MethodNotAllowed)
        {
            // Nothing that a client could do about it.
        }
    }
}
