using System.ComponentModel.DataAnnotations;
using FaceCloud.Contracts.Faces;
using FaceCloud.Identity.Audit;
using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Analytics;

/// <summary><c>POST /analyze</c>.</summary>
internal static class Analyze
{
    private const double DefaultThreshold = 0.5;

    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, Recognition recognition, Strangers strangers, AuditTrail audit, bool? persist, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var form = await FormBody.ReadAsync(http, cancellationToken);
        var image = await form.FileAsync("file", cancellationToken);
        var remember = form.Flag("persist") ?? persist ?? true;

        var recognised = await recognition.RecogniseAsync(
            gallery, image, null, DefaultThreshold, attributes: true, cancellationToken: cancellationToken);
        var seen = remember
            ? await strangers.SeeAsync(gallery, recognised, cancellationToken)
            : await strangers.LookAsync(gallery, recognised, cancellationToken);
        await audit.LookedUpAsync("analytics", gallery, recognised.KnownPeople, cancellationToken);
        var faces = recognised.Faces.Select((face, i) => Describe(face, seen[i], recognised)).ToArray();
        return TypedResults.Ok(new Response(
            true, faces, faces.Length == 0 ? "No faces detected" : $"Successfully analyzed {faces.Length} face(s)"));
    }

    private static AnalysedFace Describe(RecognisedFace face, Sighting? stranger, Recognised recognised)
    {
        var (x, y, width, height) = face.Face.Box.ToPixels();
        var attributes = face.Face.Attributes;
        var known = face.Known;
        return new AnalysedFace(
            new Box(x, y, width, height),
            Math.Round(face.Face.Confidence, 4),
            attributes is null ? null : Math.Round(attributes.Age, 1),
            attributes?.Gender switch { Gender.Female => "female", Gender.Male => "male", _ => null },
            attributes is null ? null : Math.Round(attributes.GenderConfidence, 4),
            known?.Candidate.Person.Name ?? "unknown",
            known?.Candidate.Person.Alias ?? stranger?.Alias,
            known is null ? "unknown" : "known",
            Math.Round(known?.Score ?? stranger?.Score ?? 0, 4),
            (known?.Candidate.Cosine ?? stranger?.Cosine) is { } cosine ? Math.Round(cosine, 4) : null,
            Math.Round(known is null && stranger is { } match ? match.Threshold : recognised.Threshold, 4),
            recognised.Recogniser.Name,
            recognised.Recogniser.Licence,
            recognised.Recogniser.Sha256);
    }

    /// <param name="File">The photo.</param>
    /// <param name="Persist">Remember unknown faces; true unless said otherwise.</param>
    internal sealed record Form([property: Required] IFormFile File, bool? Persist);

    internal sealed record Response(bool Success, AnalysedFace[] Faces, string Message);

    /// <summary>Pixels of the EXIF-corrected image.</summary>
    internal sealed record Box(int X, int Y, int Width, int Height);

    /// <param name="Bbox">Where.</param>
    /// <param name="Confidence">The detector's score, 0 to 1.</param>
    /// <param name="Age">Years; null where no network for it is installed.</param>
    /// <param name="Gender"><c>female</c> or <c>male</c>; null likewise.</param>
    /// <param name="GenderConfidence">Probability of that gender, 0.5 to 1.</param>
    /// <param name="Identity">The name, or <c>unknown</c>.</param>
    /// <param name="PersonId"><c>known_...</c>, or <c>unknown_...</c> of somebody remembered; null of one who is not.</param>
    /// <param name="IdentityType"><c>known</c> or <c>unknown</c>.</param>
    /// <param name="MatchScore">Similarity to that person, known or remembered; 0 at the first sight.</param>
    /// <param name="Cosine">Raw, of the same comparison.</param>
    /// <param name="Threshold">The score from which the face counts as that person.</param>
    /// <param name="Model">The recogniser.</param>
    /// <param name="ModelLicence">Of its weights.</param>
    /// <param name="ModelSha256">Of its file.</param>
    internal sealed record AnalysedFace(
        Box Bbox, double Confidence, double? Age, string? Gender, double? GenderConfidence, string Identity, string? PersonId,
        string IdentityType, double MatchScore, double? Cosine, double Threshold, string Model, string ModelLicence, string ModelSha256);
}
