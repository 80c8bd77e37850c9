using FaceCloud.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace FaceCloud.ServiceDefaults;

/// <summary>
/// A request's body, read no further than the limit and within the <see cref="BodyBudget"/>. The limit is kept here and not by the server: that
/// would hang up on a body too large, and a client that sends all before it reads would see a reset connection in place of the answer. So the
/// server reads on for some seconds and throws away what comes.
/// </summary>
internal sealed class BoundedBody : ArrivingStream
{
    private const int Megabyte = 1024 * 1024;
    private const long WithoutServerLimit = 20L * Megabyte;

    private readonly HttpRequest _request;
    private readonly Stream _body;
    private readonly BodyBudget _budget;
    private readonly long _limit;
    private long _taken;

    private BoundedBody(HttpRequest request, Stream body, BodyBudget budget, long limit) =>
        (_request, _body, _budget, _limit) = (request, body, budget, limit);

    /// <exception cref="FailureException"><see cref="Failure.TooLarge"/>: it says itself that it is; <see cref="Failure.Busy"/>.</exception>
    public static BoundedBody Of(HttpRequest request)
    {
        var size = request.HttpContext.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>();
        var limit = size.MaxRequestBodySize ?? WithoutServerLimit;
        size.MaxRequestBodySize = null;
        var body = new BoundedBody(request, request.Body, request.HttpContext.RequestServices.GetRequiredService<BodyBudget>(), limit);
        body.ThrowIfLarger(request.ContentLength ?? 0);
        body.TakeRoomFor(request.ContentLength ?? 0);
        return body;
    }

    protected override ValueTask<int> ReadNextAsync(Memory<byte> buffer, CancellationToken cancellationToken) => _body.ReadAsync(buffer, cancellationToken);

    protected override void OnRead(ReadOnlySpan<byte> bytes)
    {
        ThrowIfLarger(Position);
        TakeRoomFor(Position);
    }

    private void ThrowIfLarger(long length)
    {
        if (length > _limit)
        {
            throw new FailureException(Failure.TooLarge, $"The request body is larger than {_limit / Megabyte} MB.");
        }
    }

    /// <summary>A body of stated length takes its room at once, one of unstated length a megabyte at a time as it grows.</summary>
    private void TakeRoomFor(long length)
    {
        if (length > _taken)
        {
            var more = _request.ContentLength is null ? Megabyte : length - _taken;
            _request.HttpContext.Response.RegisterForDispose(_budget.Take(more));
            _taken += more;
        }
    }
}
