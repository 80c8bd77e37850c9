using FaceCloud.Contracts;
using FaceCloud.Contracts.Clients;
using Microsoft.AspNetCore.Http;

namespace FaceCloud.ServiceDefaults.Errors;

/// <summary>One of the five published APIs, and how it says that something went wrong.</summary>
public sealed class Dialect
{
    public static readonly Dialect Library = new(noFace: 422, outOfRange: 400, insufficientData: 422, Shape.ErrorCodeDetails);
    public static readonly Dialect Records = new(noFace: 422, outOfRange: 400, insufficientData: 422, Shape.Detail);
    public static readonly Dialect Quality = new(noFace: 422, outOfRange: 422, insufficientData: 422, Shape.Detail);
    public static readonly Dialect Analytics = new(noFace: 400, outOfRange: 400, insufficientData: 422, Shape.Detail);
    public static readonly Dialect Device = new(noFace: 400, outOfRange: 400, insufficientData: 422, Shape.Error);

    /// <summary>No published one: what services say to each other, which keeps the failure as it is.</summary>
    public static readonly Dialect Internal = new(noFace: 422, outOfRange: 400, insufficientData: 422, Shape.Whole);

    // The longest prefix wins; what no dialect claims answers as analytics, which owns the top level.
    private static readonly (PathString Prefix, Dialect Dialect)[] Prefixes =
    [
        ("/api/v1", Quality),
        ("/api", Library),
        ("/media", Library),
        ("/processed", Library),
        ("/records", Records),
        ("/maintenance", Records),
        ("/v1", Device),
        (InternalRoutes.Prefix, Internal),
    ];

    private readonly int _noFace;
    private readonly int _outOfRange;
    private readonly int _insufficientData;
    private readonly Shape _shape;

    private Dialect(int noFace, int outOfRange, int insufficientData, Shape shape) =>
        (_noFace, _outOfRange, _insufficientData, _shape) = (noFace, outOfRange, insufficientData, shape);

    private enum Shape
    {
        Error,
        Detail,
        ErrorCodeDetails,
        Whole,
    }

    /// <summary>The dialect that owns a path, whether a route exists there or not.</summary>
    public static Dialect Of(PathString path)
    {
        foreach (var (prefix, dialect) in Prefixes)
        {
            if (path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return dialect;
            }
        }

        return Analytics;
    }

    /// <summary>The HTTP status this dialect gives a failure.</summary>
    public int Status(Failure failure) => failure switch
    {
        Failure.Malformed or Failure.InvalidImage => 400,
        Failure.InvalidRequest => _outOfRange,
        Failure.TooLarge => 413,
        Failure.Unauthenticated => 401,
        Failure.Forbidden => 403,
        Failure.RateLimited => 429,
        Failure.NoFace => _noFace,
        Failure.NotFound => 404,
        Failure.MethodNotAllowed => 405,
        Failure.Conflict => 409,
        Failure.InsufficientData => _insufficientData,
        Failure.Busy or Failure.Unavailable => 503,
        _ => 500,
    };

    /// <summary>Writes a failure in this dialect's form.</summary>
    public Task WriteAsync(
        HttpContext context, Failure failure, string message, IReadOnlyDictionary<string, object?>? details = null)
    {
        var response = context.Response;
        response.StatusCode = Status(failure);
        if (response.StatusCode == StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = "1";
        }

        if (_shape == Shape.Whole)
        {
            response.ContentType = "application/json";
            return response.Body.WriteAsync(new FailureBody(failure, message, details).ToJson(), context.RequestAborted).AsTask();
        }

        Dictionary<string, object?> body = _shape switch
        {
            Shape.Error => new() { ["error"] = message },
            Shape.Detail => new() { ["detail"] = message },
            _ => new() { ["error"] = message, ["code"] = Code(failure), ["details"] = details ?? new Dictionary<string, object?>() },
        };
        return response.WriteAsJsonAsync(body, context.RequestAborted);
    }

    private static string Code(Failure failure) => failure switch
    {
        Failure.Malformed or Failure.InvalidRequest => "INVALID_REQUEST",
        Failure.InvalidImage => "INVALID_IMAGE",
        Failure.TooLarge => "TOO_LARGE",
        Failure.NoFace => "NO_FACE",
        Failure.Unauthenticated => "UNAUTHENTICATED",
        Failure.Forbidden => "FORBIDDEN",
        Failure.RateLimited => "RATE_LIMITED",
        Failure.NotFound => "NOT_FOUND",
        Failure.MethodNotAllowed => "METHOD_NOT_ALLOWED",
        Failure.Conflict => "ALREADY_EXISTS",
        Failure.InsufficientData => "INSUFFICIENT_DATA",
        Failure.Busy => "BUSY",
        Failure.Unavailable => "UNAVAILABLE",
        _ => "INTERNAL_ERROR",
    };
}
