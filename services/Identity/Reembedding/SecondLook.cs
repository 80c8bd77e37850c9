using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Files;

namespace FaceCloud.Identity.Reembedding;

/// <summary>Finds faces again in the pictures that are kept of them, and embeds them.</summary>
internal sealed class SecondLook(IFileStore files, IFaceDetector detector, IFaceEmbedder embedder)
{
    // Boxes that share as much of their union are one face beyond doubt.
    private const float SurelyTheSame = 0.6f;

    /// <summary>Embeds the faces of one picture.</summary>
    /// <param name="faces">All with the same <see cref="PendingFace.Picture"/>.</param>
    /// <param name="cancellationToken">The command is stopped.</param>
    /// <exception cref="FailureException">Not because of the picture: a service is away or busy, or has a fault.</exception>
    public async Task<IReadOnlyList<SeenAgain>> EmbedAsync(IReadOnlyList<PendingFace> faces, CancellationToken cancellationToken)
    {
        var picture = faces[0].IsPhoto ? "photo" : "portrait";
        if (faces[0].Picture is not { } key)
        {
            return WithReason(faces, "neither its photo nor a portrait of it is kept");
        }

        if (await ReadAsync(key, cancellationToken) is not { } image)
        {
            return WithReason(faces, $"its {picture} is missing");
        }

        IReadOnlyList<FaceCrop?> crops;
        try
        {
            crops = await CropAsync(image, faces, cancellationToken);
        }
        catch (FailureException e) when (e.Failure is Failure.InvalidImage or Failure.TooLarge)
        {
            return WithReason(faces, $"its {picture} cannot be read: {e.Message}");
        }

        var found = crops.OfType<FaceCrop>().ToList();
        var embeddings = new Queue<FaceEmbedding>(found.Count == 0 ? [] : (await embedder.EmbedAsync(found, cancellationToken)).Faces);
        return
        [
            .. faces.Zip(crops, (face, crop) => crop is null
                ? new SeenAgain(face.Id, null, $"its {picture} shows no face at its place")
                : new SeenAgain(face.Id, embeddings.Dequeue(), null)),
        ];
    }

    private static IReadOnlyList<SeenAgain> WithReason(IReadOnlyList<PendingFace> faces, string reason) =>
        [.. faces.Select(face => new SeenAgain(face.Id, null, reason))];

    private async Task<byte[]?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        await using var file = await files.OpenAsync(key, cancellationToken);
        if (file is null)
        {
            return null;
        }

        var image = new byte[file.Length];
        await file.ReadExactlyAsync(image, cancellationToken);
        return image;
    }

    /// <summary>One for each face, null where none is found. Most faces of a group photo are found by one look at it; each other one is looked for.</summary>
    private async Task<IReadOnlyList<FaceCrop?>> CropAsync(byte[] image, IReadOnlyList<PendingFace> faces, CancellationToken cancellationToken)
    {
        var all = faces.Count == 1 ? [] : (await detector.DetectAsync(image, new DetectionRequest(Crops: true), cancellationToken)).Faces;
        var crops = new FaceCrop?[faces.Count];
        for (var i = 0; i < crops.Length; i++)
        {
            var box = faces[i].Box;
            var nearest = all.MaxBy(face => face.Box.IntersectionOverUnion(box));
            if (nearest is null || nearest.Box.IntersectionOverUnion(box) < SurelyTheSame)
            {
                nearest = (await detector.DetectAsync(image, new DetectionRequest(Crops: true, Within: box), cancellationToken)).Faces is [var face, ..]
                    ? face
                    : null;
            }

            crops[i] = nearest?.Crop;
        }

        return crops;
    }
}

/// <param name="FaceId">The face's.</param>
/// <param name="Embedding">Null where there is none.</param>
/// <param name="Reason">Why there is none, to go after the face's name in a sentence.</param>
internal sealed record SeenAgain(long FaceId, FaceEmbedding? Embedding, string? Reason);
