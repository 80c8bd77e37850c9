using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Device;
using FaceCloud.Identity.Audit;
using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Device;

/// <summary><c>POST /v1/recognize</c>.</summary>
internal static class Recognise
{
    private const double DefaultThreshold = 0.5;

    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, Recognition recognition, AuditTrail audit, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var gallery = GalleryName.Of(http);
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        var image = Base64File.RequireImage(request.Image);
        if (request.Threshold is < 0 or > 1 or double.NaN)
        {
            throw new FailureException(Failure.InvalidRequest, "The threshold must be between 0 and 1.");
        }

        var recognised = await recognition.RecogniseAsync(
            gallery, image, request.Threshold, DefaultThreshold, cancellationToken: cancellationToken);
        await audit.LookedUpAsync("device", gallery, recognised.KnownPeople, cancellationToken);
        var faces = recognised.Faces.Select(face => new RecognisedIdentity(
            DeviceBox.Of(face.Face.Box),
            Math.Round(face.Face.Confidence, 4),
            face.Known?.Candidate.Person.Name ?? "Unknown",
            Math.Round(face.Known?.Score ?? 0, 4),
            face.Nearest is { } nearest ? Math.Round(nearest.Candidate.Cosine, 4) : null,
            Math.Round(recognised.Threshold, 4),
            recognised.Recogniser.Name,
            recognised.Recogniser.Licence,
            recognised.Recogniser.Sha256));
        return TypedResults.Ok(new Response(
            [.. faces], recognised.Faces.Count, Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1)));
    }

    /// <param name="Image">The photo, base64.</param>
    /// <param name="Threshold">The similarity from which a face counts as known; obeyed as it is.</param>
    internal sealed record Request([property: Required] Base64File? Image, [property: Range(0.0, 1.0), DefaultValue(DefaultThreshold)] double? Threshold);

    internal sealed record Response(RecognisedIdentity[] Faces, int Count, double InferenceTimeMs);

    /// <param name="Bbox">[x, y, width, height] in pixels.</param>
    /// <param name="DetectionConfidence">0 to 1.</param>
    /// <param name="Identity">The name, or "Unknown".</param>
    /// <param name="MatchScore">Similarity, 0 to 1; 0 for Unknown.</param>
    /// <param name="Cosine">Of the nearest enrolled face, known or not; null while nobody is enrolled.</param>
    /// <param name="Threshold">The score from which a face counts as known.</param>
    /// <param name="Model">The recogniser.</param>
    /// <param name="ModelLicence">Of its weights.</param>
    /// <param name="ModelSha256">Of its file.</param>
    internal sealed record RecognisedIdentity(
        int[] Bbox, double DetectionConfidence, string Identity, double MatchScore, double? Cosine, double Threshold, string Model,
        string ModelLicence, string ModelSha256);
}
