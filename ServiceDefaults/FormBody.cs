using System.Globalization;
using FaceCloud.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace FaceCloud.ServiceDefaults;

/// <summary>A multipart form: a file and fields, with errors a client can act on.</summary>
public sealed class FormBody
{
    private static readonly FormOptions Options = new()
    {
        // In memory whole, never in a temporary file: these are photos of people. The size is the body limit's to bound.
        MemoryBufferThreshold = int.MaxValue,
        MultipartBodyLengthLimit = long.MaxValue,
    };

    private readonly IFormCollection _form;

    private FormBody(IFormCollection form) => _form = form;

    /// <exception cref="FailureException"><see cref="Failure.Malformed"/>: no form; <see cref="Failure.TooLarge"/>; <see cref="Failure.Busy"/>.</exception>
    public static async Task<FormBody> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType)
        {
            throw new FailureException(Failure.Malformed, "The body must be a multipart/form-data form.");
        }

        request.Body = BoundedBody.Of(request);
        return new FormBody(await MultipartBody.WellFormedAsync(() => new FormFeature(request, Options).ReadFormAsync(cancellationToken)));
    }

    /// <summary>The bytes of a file.</summary>
    /// <exception cref="FailureException"><see cref="Failure.Malformed"/>: there is none of that name.</exception>
    public async Task<ReadOnlyMemory<byte>> FileAsync(string name, CancellationToken cancellationToken)
    {
        var file = _form.Files.GetFile(name) ?? throw new FailureException(Failure.Malformed, $"The file '{name}' is missing.");
        var bytes = new byte[file.Length];
        await using var stream = file.OpenReadStream();
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    /// <summary>A field's text; null if it was not sent.</summary>
    public string? Text(string name) => _form.TryGetValue(name, out var values) ? values[0] : null;

    /// <exception cref="FailureException"><see cref="Failure.InvalidRequest"/>: no number, or outside the range.</exception>
    public double? Number(string name, double min, double max) => Text(name) switch
    {
        null or "" => null,
        var text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max => value,
        _ => throw new FailureException(Failure.InvalidRequest, $"The field '{name}' must be a number from {min} to {max}."),
    };

    /// <exception cref="FailureException"><see cref="Failure.InvalidRequest"/>: no whole number, or outside the range.</exception>
    public int? WholeNumber(string name, int min, int max) => Text(name) switch
    {
        null or "" => null,
        var text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max => value,
        _ => throw new FailureException(Failure.InvalidRequest, $"The field '{name}' must be a whole number from {min} to {max}."),
    };

    /// <exception cref="FailureException"><see cref="Failure.InvalidRequest"/>: neither true nor false.</exception>
    public bool? Flag(string name) => Text(name) switch
    {
        null or "" => null,
        var text when bool.TryParse(text, out var value) => value,
        _ => throw new FailureException(Failure.InvalidRequest, $"The field '{name}' must be true or false."),
    };
}
