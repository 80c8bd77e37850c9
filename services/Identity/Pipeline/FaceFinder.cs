using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Files;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.People;
using FaceCloud.Identity.Photos;
using FaceCloud.Identity.Quality;
using FaceCloud.Imaging;

namespace FaceCloud.Identity.Pipeline;

/// <summary>Looks for the faces of a photo that is in the store; somebody who was erased does not come back.</summary>
internal sealed class FaceFinder(IdentityDb db, IFileStore files, IFaceDetector detector, IFaceEmbedder embedder, FaceAssessing assessing)
{
    private const int CropQuality = 95;

    /// <exception cref="FailureException"><see cref="Failure.InvalidImage"/>: also a file that is missing or damaged; and those of the ports.</exception>
    public async Task<FoundFaces> FindAsync(Photo photo, CancellationToken cancellationToken)
    {
        var image = new byte[photo.Bytes];
        await using (var file = await files.OpenAsync(PhotoFiles.Original(photo.Uuid, photo.Extension), cancellationToken)
            ?? throw new FailureException(Failure.InvalidImage, "The photo's file is missing."))
        {
            if (file.Length != photo.Bytes)
            {
                throw new FailureException(Failure.InvalidImage, "The photo's file is damaged: it has changed its length.");
            }

            await file.ReadExactlyAsync(image, cancellationToken);
        }

        var detection = await detector.DetectAsync(image, new DetectionRequest(Crops: true, Attributes: true), cancellationToken);
        var erased = await ErasedPlaces.OfAsync(db, photo.Id, cancellationToken);
        detection = detection with { Faces = [.. detection.Faces.Where(face => !ErasedPlaces.Cover(erased, face.Box))] };
        if (detection.Faces.Count == 0)
        {
            return new FoundFaces(detection, null, [], []);
        }

        var embeddings = await embedder.EmbedAsync([.. detection.Faces.Select(face => face.Crop!)], cancellationToken);
        return new FoundFaces(
            detection, embeddings, await assessing.TryAsync(detection.Faces, cancellationToken),
            [.. detection.Faces.Select(face => JpegEncoder.Encode(face.Crop!.Rgb.Span, FaceCrop.Side, FaceCrop.Side, CropQuality))]);
    }
}

/// <param name="Detection">What detection says.</param>
/// <param name="Embeddings">One for each face; null without faces.</param>
/// <param name="Assessments">One for each face; null for one that is assessed later.</param>
/// <param name="Crops">JPEG files, one for each face.</param>
internal sealed record FoundFaces(
    Detection Detection, Embeddings? Embeddings, IReadOnlyList<FaceAssessment?> Assessments, IReadOnlyList<byte[]> Crops)
{
    /// <summary>The camera's clock is taken for UTC.</summary>
    public DateTime? TakenAt => Detection.TakenAt is { } taken ? DateTime.SpecifyKind(taken, DateTimeKind.Utc) : null;
}
