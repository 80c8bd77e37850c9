using System.ComponentModel.DataAnnotations;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Device;
using FaceCloud.Contracts.Ports;
using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Embedding.Device;

/// <summary><c>POST /v1/embed</c>.</summary>
internal static class Embed
{
    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, IFaceDetector detector, IFaceEmbedder embedder, CancellationToken cancellationToken)
    {
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        var image = Base64File.RequireImage(request.Image);
        var within = DeviceBox.Parse(request.Bbox);
        var detection = await detector.DetectAsync(image, new DetectionRequest(Crops: true, Within: within), cancellationToken);
        if (detection.Faces is not [var face, ..])
        {
            throw new FailureException(Failure.NoFace, within is null ? "No face was found in the image." : "No face was found at the given box.");
        }

        var embeddings = await embedder.EmbedAsync([face.Crop!], cancellationToken);
        var vector = embeddings.Faces[0].Vector;
        return TypedResults.Ok(new Response(vector, vector.Length, DeviceBox.Of(within ?? face.Box)));
    }

    /// <param name="Image">The photo, base64.</param>
    /// <param name="Bbox">[x, y, width, height] of the face; the largest one without.</param>
    internal sealed record Request([property: Required] Base64File? Image, [property: Length(4, 4)] double[]? Bbox);

    /// <param name="Embedding">Unit vector, comparable by cosine with others of the same recogniser.</param>
    /// <param name="Dimension">Its length.</param>
    /// <param name="Bbox">The box asked for, or that of the face taken: [x, y, width, height] in pixels.</param>
    internal sealed record Response(ReadOnlyMemory<float> Embedding, int Dimension, int[] Bbox);
}
