using FaceCloud.Contracts;
using FaceCloud.Contracts.Clients;
using FaceCloud.Contracts.Frames;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;

namespace FaceCloud.ServiceDefaults.Calls;

/// <summary>Reads what another service sent.</summary>
public static class FrameBody
{
    /// <exception cref="FailureException">
    /// <see cref="Failure.Malformed"/>: not a frame by its content type, or of unstated length. <see cref="Failure.TooLarge"/>.
    /// </exception>
    /// <exception cref="DamagedFrameException">See there; answered as <see cref="Failure.Malformed"/>.</exception>
    public static async Task<Frame<T>> ReadAsync<T>(HttpRequest request, CancellationToken cancellationToken)
    {
        RequireFrames(request);
        if (request.ContentLength is not { } length)
        {
            throw new FailureException(Failure.Malformed, "The request does not say how long it is.");
        }

        if (length > InternalRoutes.MaxFrame)
        {
            throw new FailureException(Failure.TooLarge, $"The request body is larger than {InternalRoutes.MaxFrame >> 20} MB.");
        }

        request.HttpContext.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = InternalRoutes.MaxFrame;
        var services = request.HttpContext.RequestServices;
        request.HttpContext.Response.RegisterForDispose(services.GetRequiredService<BodyBudget>().Take(length));
        var body = new byte[length];
        await request.Body.ReadExactlyAsync(body, cancellationToken);
        return Frame.Parse<T>(body);
    }

    /// <summary>A sequence, however long it is and however slowly it comes; a frame at a time is in memory.</summary>
    public static IAsyncEnumerable<Frame<T>> ReadSequenceAsync<T>(HttpRequest request, CancellationToken cancellationToken)
    {
        RequireFrames(request);
        var features = request.HttpContext.Features;
        features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        if (features.Get<IHttpMinRequestBodyDataRateFeature>() is { } pace)
        {
            pace.MinDataRate = null;
        }

        return FrameSequence.ReadAsync<T>(request.Body, cancellationToken);
    }

    /// <summary>
    /// Reads a sequence to its end, for an answer that comes early. Over HTTP/1.1 a client sends all it has before it looks at the answer, and
    /// would see a broken connection instead.
    /// </summary>
    public static Task DiscardAsync(HttpRequest request, CancellationToken cancellationToken) =>
        request.Body.CopyToAsync(Stream.Null, cancellationToken);

    private static void RequireFrames(HttpRequest request)
    {
        if (request.ContentType != Frame.ContentType)
        {
            throw new FailureException(Failure.Malformed, $"The Content-Type must be {Frame.ContentType}.");
        }
    }
}
