using System.Buffers;
using System.Text.Json;
using FaceCloud.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FaceCloud.ServiceDefaults;

/// <summary>Reads a JSON request body whole, with errors a client can act on.</summary>
public static class JsonBody
{
    private const int InitialSize = 16 * 1024;

    // Not the shared pool: that keeps an array of each size for every thread that ever gave one back, gigabytes for bodies of 20 MB.
    private static readonly ArrayPool<byte> Buffers = ArrayPool<byte>.Create(maxArrayLength: 32 << 20, maxArraysPerBucket: 4);

    /// <exception cref="FailureException">
    /// <see cref="Failure.Malformed"/>: not JSON by its content type or its text, or a field of the wrong type. <see cref="Failure.TooLarge"/>: the
    /// body is over the server's limit. <see cref="Failure.Busy"/>: too many bodies are held already.
    /// </exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, CancellationToken cancellationToken)
        where T : class
    {
        // A web page of another origin can post text/plain or a form unasked, but JSON only after a preflight: so JSON must say that it is.
        if (!request.HasJsonContentType())
        {
            throw new FailureException(Failure.Malformed, "The Content-Type must be application/json.");
        }

        var body = BoundedBody.Of(request);

        // A photo in base64 is one JSON token of megabytes. Read whole into a rented buffer it is parsed once, without the
        // growing copies of a streaming parser.
        var buffer = Buffers.Rent((int)Math.Clamp(request.ContentLength ?? 0, InitialSize, 1 << 20));
        try
        {
            var length = 0;
            while (true)
            {
                if (length == buffer.Length)
                {
                    var larger = Buffers.Rent(
                        (int)Math.Clamp(request.ContentLength is { } known && known > length ? known + 1 : 0, buffer.Length * 2L, Array.MaxLength));
                    buffer.AsSpan(0, length).CopyTo(larger);
                    Buffers.Return(buffer, clearArray: true);
                    buffer = larger;
                }

                var read = await body.ReadAsync(buffer.AsMemory(length), cancellationToken);
                if (read == 0)
                {
                    break;
                }

                length += read;
            }

            var options = request.HttpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
            return Parse<T>(buffer.AsSpan(0, length), options);
        }
        finally
        {
            // Photos of people do not stay in a pool.
            Buffers.Return(buffer, clearArray: true);
        }
    }

    private static T Parse<T>(ReadOnlySpan<byte> json, JsonSerializerOptions options)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, options)
                ?? throw new FailureException(Failure.Malformed, "The body must be a JSON object.");
        }
        catch (JsonException e)
        {
            var field = e.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : null;
            throw new FailureException(
                Failure.Malformed, field is null ? "The body is not a valid JSON object." : $"The field '{field}' is not valid.", e);
        }
    }
}
