using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Files;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Photos;
using FaceCloud.Imaging;
using FaceCloud.ServiceDefaults.Errors;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Quality;

/// <summary>
/// Assesses stored faces that have no scores, from what is kept of them: those of older databases, and those that came while the quality service
/// was away.
/// </summary>
internal sealed class LateAssessment(
    IdentityDb db, IFileStore files, IFaceDetector detector, IFaceAssessor assessor, ILogger<LateAssessment> logger)
{
    private const int Batch = 32;

    /// <summary>Assesses the next ones. One process at a time does this.</summary>
    /// <returns>How many it looked at; 0 if none is left, or another process is at it.</returns>
    /// <exception cref="FailureException">A service is away or busy; what it was needed for is still to be done.</exception>
    public async Task<int> AssessNextAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (!(await db.Database.SqlQuery<bool>($"""SELECT pg_try_advisory_xact_lock(hashtextextended('assessment', 0)) AS "Value" """)
            .ToListAsync(cancellationToken))[0])
        {
            return 0;
        }

        var due = await (
            from face in db.Faces.Where(face => face.AssessedAt == null)
            join photo in db.Photos on face.PhotoId equals (long?)photo.Id into photos
            from photo in photos.DefaultIfEmpty()
            orderby face.Id
            select new { Face = face, Photo = (Guid?)photo.Uuid }).Take(Batch).AsNoTracking().ToListAsync(cancellationToken);
        var assessments = new FaceAssessment?[due.Count];
        for (var i = 0; i < assessments.Length; i++)
        {
            assessments[i] = await AssessAsync(due[i].Face, due[i].Photo, cancellationToken);
        }

        long[] ids = [.. due.Select(row => row.Face.Id)];
        float?[] blur = [.. assessments.Select(face => face?.BlurScore)];
        float?[] brightness = [.. assessments.Select(face => face?.BrightnessScore)];
        float?[] exposure = [.. assessments.Select(face => face?.ExposureScore)];
        int[] occlusion = [.. assessments.Select(face => (int)(face?.Occlusion ?? Occlusion.None))];
        await db.Database.ExecuteSqlAsync(
            $"""
             UPDATE identity.faces face
             SET blur_score = now.blur, brightness_score = now.brightness, exposure_score = now.exposure, occlusion = now.occlusion,
                 assessed_at = now()
             FROM unnest({ids}, {blur}, {brightness}, {exposure}, {occlusion}) AS now (id, blur, brightness, exposure, occlusion)
             WHERE face.id = now.id AND face.assessed_at IS NULL
             """,
            cancellationToken);
        await db.NoteQualityAsync(ids, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return due.Count;
    }

    /// <returns>Null where no picture is kept, or it shows no face any more.</returns>
    private async Task<FaceAssessment?> AssessAsync(Face face, Guid? photo, CancellationToken cancellationToken)
    {
        try
        {
            var crop = (photo, face.Portrait) switch
            {
                ({ } uuid, _) => await ReadCropAsync(PhotoFiles.Crop(uuid, face.Ordinal!.Value), cancellationToken),
                (_, { } box) => await CutAsync(FaceFiles.Portrait(face.Uuid), box, cancellationToken),
                _ => null,
            };
            return crop is null
                ? null
                : (await assessor.AssessAsync([new FaceToAssess(crop, face.Box, FaceRow.Landmarks(face), face.Confidence)], cancellationToken))[0];
        }
        catch (Exception e) when (e is not OperationCanceledException && !Outage.MayPass(e))
        {
            // One that cannot be assessed must not keep the rest waiting.
            logger.LogWarning(e, "Face {FaceId} cannot be assessed", face.Id);
            return null;
        }
    }

    /// <summary>The crop as it was stored: a JPEG file, so that its sharpness is a little other than it was.</summary>
    private async Task<FaceCrop?> ReadCropAsync(string key, CancellationToken cancellationToken)
    {
        if (await ReadAsync(key, cancellationToken) is not { } file)
        {
            return null;
        }

        using var image = ImageDecoder.Decode(file, shrinkTo: 0, new ImagingOptions());
        return image.Pixels is { Width: FaceCrop.Side, Height: FaceCrop.Side } pixels ? new FaceCrop(pixels.Pixels.ToArray()) : null;
    }

    private async Task<FaceCrop?> CutAsync(string key, FaceBox box, CancellationToken cancellationToken) =>
        await ReadAsync(key, cancellationToken) is { } file
        && await detector.DetectAsync(file, new DetectionRequest(Crops: true, Within: box), cancellationToken) is { Faces: [var face, ..] }
            ? face.Crop
            : null;

    private async Task<byte[]?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        await using var file = await files.OpenAsync(key, cancellationToken);
        if (file is null)
        {
            return null;
        }

        var bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }
}
