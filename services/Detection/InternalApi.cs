using FaceCloud.Contracts.Clients;
using FaceCloud.Contracts.Ports;
using FaceCloud.ServiceDefaults.Calls;

namespace FaceCloud.Detection;

/// <summary>The port for other processes.</summary>
internal static class InternalApi
{
    public static void MapInternalApi(this IEndpointRouteBuilder app) =>
        app.MapPost(InternalRoutes.Detect, DetectAsync).ExcludeFromDescription();

    private static async Task<FrameAnswer<Contracts.Ports.Detection>> DetectAsync(HttpRequest http, IFaceDetector detector, CancellationToken cancellationToken)
    {
        var (request, image) = await FrameBody.ReadAsync<DetectionRequest>(http, cancellationToken);
        return FrameAnswer.Of(DetectionFrame.Of(await detector.DetectAsync(image, request, cancellationToken)));
    }
}
