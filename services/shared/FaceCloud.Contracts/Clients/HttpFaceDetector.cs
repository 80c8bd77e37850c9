using FaceCloud.Contracts.Frames;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.Contracts.Clients;

/// <summary>The detection service as a port.</summary>
/// <param name="http">Its base address is the service's.</param>
public sealed class HttpFaceDetector(HttpClient http) : IFaceDetector
{
    private readonly ServiceConnection _detection = new(http, ServiceNames.Detection);

    public Task<Detection> DetectAsync(ReadOnlyMemory<byte> image, DetectionRequest request, CancellationToken cancellationToken) =>
        _detection.CallAsync(
            InternalRoutes.Detect, new Frame<DetectionRequest>(request, image), (Frame<Detection> answer) => DetectionFrame.Read(answer), cancellationToken);
}
