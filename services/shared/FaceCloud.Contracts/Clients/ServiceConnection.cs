using System.Net;
using FaceCloud.Contracts.Frames;

namespace FaceCloud.Contracts.Clients;

/// <summary>
/// Calls one service: a frame there, a frame back. Whatever goes wrong arrives as a <see cref="FailureException"/>, as it would from the service in
/// the same process.
/// </summary>
/// <param name="http">Its base address is the service's.</param>
/// <param name="service">What to call it, from <see cref="ServiceNames"/>.</param>
internal sealed class ServiceConnection(HttpClient http, string service)
{
    /// <param name="route">One of <see cref="InternalRoutes"/>.</param>
    /// <param name="request">What to send.</param>
    /// <param name="read">Makes of the answer what the caller wants.</param>
    /// <param name="cancellationToken">Reaches the service.</param>
    public Task<TResult> CallAsync<TRequest, TAnswer, TResult>(
        string route, Frame<TRequest> request, Func<Frame<TAnswer>, TResult> read, CancellationToken cancellationToken) =>
        SendAsync(route, FrameContent.Of(request), read, cancellationToken);

    /// <summary>The same with frames that are sent as they are produced.</summary>
    public async Task<TResult> CallAsync<TRequest, TAnswer, TResult>(
        string route, IAsyncEnumerable<Frame<TRequest>> request, Func<Frame<TAnswer>, TResult> read, CancellationToken cancellationToken)
    {
        var content = new FrameSequenceContent<TRequest>(request);
        try
        {
            return await SendAsync(route, content, read, cancellationToken);
        }
        catch
        {
            content.ThrowIfSourceFailed();
            throw;
        }
    }

    private async Task<TResult> SendAsync<TAnswer, TResult>(
        string route, HttpContent content, Func<Frame<TAnswer>, TResult> read, CancellationToken cancellationToken)
    {
        // The service would refuse it too, but while it is still being sent, which breaks the connection.
        if (content.Headers.ContentLength > InternalRoutes.MaxFrame)
        {
            throw new FailureException(Failure.TooLarge, $"The request to the {service} service is larger than {InternalRoutes.MaxFrame >> 20} MB.");
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, route)
        {
            Content = content,
            Version = http.DefaultRequestVersion,
            VersionPolicy = http.DefaultVersionPolicy,
        };
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return response.StatusCode == HttpStatusCode.OK
                ? read(Frame.Parse<TAnswer>(body))
                : throw FailureBody.Read(body) ?? Unexplained(response.StatusCode);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new FailureException(Failure.Unavailable, $"The {service} service does not answer; try again.", e);
        }
        catch (DamagedFrameException e)
        {
            // Two versions in the middle of a rollout, most likely: it passes.
            throw new FailureException(Failure.Unavailable, $"The {service} service gave an answer that cannot be read; try again.", e);
        }
    }

    /// <summary>An error that is not of our services: something between us and them answered.</summary>
    private FailureException Unexplained(HttpStatusCode status) =>
        new(Failure.Unavailable, $"The {service} service cannot be reached (HTTP {(int)status}); try again.");
}
