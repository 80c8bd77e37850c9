using FaceCloud.Contracts.Faces;

namespace FaceCloud.Contracts.Ports;

/// <summary>Finds faces in an encoded image; the only place where an image is decoded.</summary>
public interface IFaceDetector
{
    /// <param name="image">The file's bytes: JPEG, PNG, WebP, BMP, TIFF, GIF or AVIF.</param>
    /// <param name="request">What to return of each face.</param>
    /// <param name="cancellationToken">The caller no longer wants the answer.</param>
    /// <returns>The faces, the largest first; of several about as large, the one nearest the middle.</returns>
    /// <exception cref="FailureException"><see cref="Failure.InvalidImage"/>, <see cref="Failure.TooLarge"/>, <see cref="Failure.Busy"/>.</exception>
    Task<Detection> DetectAsync(ReadOnlyMemory<byte> image, DetectionRequest request, CancellationToken cancellationToken);
}

/// <param name="Crops">Also the aligned crop of each face.</param>
/// <param name="Attributes">Also age and gender of each face.</param>
/// <param name="Within">
/// Only the one face at this box (pixels of the EXIF-corrected image), looked for a second time inside it if the whole image shows none there.
/// </param>
/// <param name="Portraits">Also a portrait of each face.</param>
public sealed record DetectionRequest(bool Crops = false, bool Attributes = false, FaceBox? Within = null, bool Portraits = false);

/// <param name="ImageWidth">Pixels, after EXIF correction.</param>
/// <param name="ImageHeight">Pixels, after EXIF correction.</param>
/// <param name="Faces">The faces, the largest first.</param>
/// <param name="Detector">The network that found them, by its name in the model registry.</param>
/// <param name="TakenAt">When the photo was taken: UTC where the file names its zone, else the camera's clock; null where it names no date.</param>
public sealed record Detection(int ImageWidth, int ImageHeight, IReadOnlyList<DetectedFace> Faces, string Detector, DateTime? TakenAt = null);
