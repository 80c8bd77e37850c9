using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using FaceCloud.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace FaceCloud.ServiceDefaults;

/// <summary>
/// A multipart form read one part after the other, for files that nobody wants to hold: each is bounded by the server's limit on a body, the
/// form by a limit of its own. Like <see cref="BoundedBody"/> it does not let the server enforce limits, which would hang up on a client that is
/// still sending; and no part counts against the <see cref="BodyBudget"/>, because none is kept.
/// </summary>
public sealed class MultipartBody
{
    private const int Megabyte = 1024 * 1024;
    private const long WithoutServerLimit = 20L * Megabyte;
    private const int MaxBoundary = 128;
    private const int BufferSize = 64 * 1024;

    private readonly MultipartReader _reader;
    private readonly long _partLimit;
    private readonly int _maxParts;
    private int _parts;

    private MultipartBody(string boundary, LimitedStream form, long partLimit, int maxParts)
    {
        _reader = new MultipartReader(boundary, form, BufferSize);
        (_partLimit, _maxParts) = (partLimit, maxParts);
    }

    /// <param name="request">Its body has not been read.</param>
    /// <param name="maxBytes">Of the whole form.</param>
    /// <param name="maxParts">Fields and files.</param>
    /// <exception cref="FailureException"><see cref="Failure.Malformed"/>: no form; <see cref="Failure.TooLarge"/>: it says itself that it is.</exception>
    public static MultipartBody Of(HttpRequest request, long maxBytes, int maxParts)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= MaxBoundary } boundary)
        {
            throw new FailureException(Failure.Malformed, "The body must be a multipart/form-data form.");
        }

        var size = request.HttpContext.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>();
        var partLimit = size.MaxRequestBodySize ?? WithoutServerLimit;
        size.MaxRequestBodySize = null;
        var body = request.BodyReader;
        var form = new LimitedStream(
            (buffer, cancel) => ReadAsync(body, buffer, cancel),
            maxBytes,
            $"The request body is larger than {maxBytes / Megabyte} MB; send fewer files at once.");
        form.ThrowIfLarger(request.ContentLength ?? 0);
        return new MultipartBody(boundary.ToString(), form, partLimit, maxParts);
    }

    /// <summary>The next part, null after the last; what was not read of the one before is skipped.</summary>
    /// <exception cref="FailureException"><see cref="Failure.Malformed"/>, <see cref="Failure.TooLarge"/>.</exception>
    public async Task<FormPart?> NextAsync(CancellationToken cancellationToken)
    {
        var section = await WellFormedAsync(() => _reader.ReadNextSectionAsync(cancellationToken));
        if (section is null)
        {
            return null;
        }

        if (++_parts > _maxParts)
        {
            throw new FailureException(Failure.TooLarge, $"The form has more than {_maxParts} parts; send fewer files at once.");
        }

        if (section.GetContentDispositionHeader() is not { } disposition
            || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase))
        {
            throw new FailureException(Failure.Malformed, "A part of the form has no name.");
        }

        var fileName = disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName;
        return new FormPart(
            HeaderUtilities.RemoveQuotes(disposition.Name).ToString(),
            fileName.HasValue ? HeaderUtilities.RemoveQuotes(fileName).ToString() : null,
            new LimitedStream((buffer, cancel) => section.Body.ReadAsync(buffer, cancel), _partLimit, $"A file is larger than {_partLimit / Megabyte} MB."));
    }

    /// <summary>The errors of the reader as failures of the client's; those of the connection stay what they are.</summary>
    internal static async ValueTask<T> WellFormedAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (e is InvalidDataException || (e is IOException and not BadHttpRequestException && e.InnerException is null))
        {
            throw new FailureException(Failure.Malformed, "The form is not well-formed or not complete.", e);
        }
    }

    /// <summary>Reads from the connection. A read that its token cancels would leave the server unable to read on and throw away what still comes.</summary>
    private static async ValueTask<int> ReadAsync(PipeReader body, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var cancel = cancellationToken.Register(body.CancelPendingRead);
        var result = await body.ReadAsync(CancellationToken.None);
        var piece = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, buffer.Length));
        var length = (int)piece.Length;
        piece.CopyTo(buffer.Span);
        body.AdvanceTo(piece.End);
        return result.IsCanceled ? throw new OperationCanceledException(cancellationToken) : length;
    }

    /// <summary>A part of a form.</summary>
    /// <param name="Name">The field's.</param>
    /// <param name="FileName">As the client sent it; null for one that is no file.</param>
    /// <param name="Content">To read before the next part; it throws <see cref="FailureException"/>s of its own.</param>
    public sealed record FormPart(string Name, string? FileName, Stream Content)
    {
        private const int MaxText = 4096;

        /// <summary>The value of a text field.</summary>
        /// <exception cref="FailureException"><see cref="Failure.Malformed"/>: it is longer than any field may be.</exception>
        public async Task<string> TextAsync(CancellationToken cancellationToken)
        {
            var bytes = new byte[MaxText + 1];
            var length = await Content.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            return length <= MaxText
                ? Encoding.UTF8.GetString(bytes, 0, length)
                : throw new FailureException(Failure.Malformed, $"The field '{Name}' is longer than {MaxText} bytes.");
        }
    }

    private sealed class LimitedStream(Func<Memory<byte>, CancellationToken, ValueTask<int>> readNext, long limit, string tooLarge) : ArrivingStream
    {
        public void ThrowIfLarger(long length)
        {
            if (length > limit)
            {
                throw new FailureException(Failure.TooLarge, tooLarge);
            }
        }

        protected override async ValueTask<int> ReadNextAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
            await WellFormedAsync(() => readNext(buffer, cancellationToken).AsTask());

        protected override void OnRead(ReadOnlySpan<byte> bytes) => ThrowIfLarger(Position);
    }
}
