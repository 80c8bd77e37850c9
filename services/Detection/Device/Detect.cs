using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using FaceCloud.Contracts.Device;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Detection.Device;

/// <summary><c>POST /v1/detect</c>.</summary>
internal static class Detect
{
    public static async Task<Ok<Response>> HandleAsync(HttpRequest http, IFaceDetector detector, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        var detection = await detector.DetectAsync(Base64File.RequireImage(request.Image), new DetectionRequest(), cancellationToken);
        var faces = detection.Faces.Select(face => new Found(
            DeviceBox.Of(face.Box),
            Math.Round(face.Confidence, 4),
            request.ReturnLandmarks ?? false ? Points(face.Landmarks) : null));
        return TypedResults.Ok(new Response(
            [.. faces], detection.Faces.Count, Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1)));
    }

    private static double[][] Points(Landmarks landmarks) =>
        [.. landmarks.ToArray().Select(point => new[] { Math.Round(point.X, 1), Math.Round(point.Y, 1) })];

    /// <param name="Image">The photo, base64.</param>
    /// <param name="ReturnLandmarks">Also the five landmarks of each face.</param>
    internal sealed record Request([property: Required] Base64File? Image, bool? ReturnLandmarks);

    internal sealed record Response(Found[] Faces, int Count, double InferenceTimeMs);

    /// <param name="Bbox">[x, y, width, height] in pixels.</param>
    /// <param name="Confidence">0 to 1.</param>
    /// <param name="Landmarks">Left eye, right eye, nose, mouth left, mouth right as the viewer sees them, [x, y] in pixels; null unless asked for.</param>
    internal sealed record Found(int[] Bbox, double Confidence, double[][]? Landmarks);
}
