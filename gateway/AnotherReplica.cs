using Yarp.ReverseProxy.Forwarder;

namespace FaceCloud.Gateway;

/// <summary>
/// Sends a request on to the next replica where that cannot do its work twice: one that reached nobody, and one that only asks. Anything else may
/// have been done before the connection broke, and its sender decides.
/// </summary>
internal static class AnotherReplica
{
    public static async Task TryAsync(HttpContext context, RequestDelegate next)
    {
        var proxy = context.GetReverseProxyFeature();
        var left = proxy.AvailableDestinations.ToList();
        await next(context);
        while (MayGoOn(context) && proxy.ProxiedDestination is { } failed && left.Remove(failed) && left.Count > 0)
        {
            context.Response.Clear();
            context.Features.Set<IForwarderErrorFeature>(null);
            (proxy.AvailableDestinations, proxy.ProxiedDestination) = ([.. left], null);
            await next(context);
        }
    }

    private static bool MayGoOn(HttpContext context) =>
        context.GetForwarderErrorFeature() is { } error && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested
        && (ReachedNobody(error.Exception) || (error.Error is ForwarderError.Request && Asks(context.Request)));

    private static bool ReachedNobody(Exception? exception) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };

    private static bool Asks(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
}
