using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Text.Json;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Identity.Audit;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Records;

/// <summary><c>POST /records/match</c>.</summary>
internal static class MatchRecord
{
    private const int DefaultTopK = 5;
    private const int MaxTopK = 100;

    // This dialect counts in distances, 1 - similarity.
    private const double DefaultDistance = 0.45;

    [Fails(Failure.NoFace)]
    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, Recognition recognition, AuditTrail audit, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var gallery = GalleryName.Of(http);
        var form = await FormBody.ReadAsync(http, cancellationToken);
        var image = await form.FileAsync("image", cancellationToken);
        var topK = form.WholeNumber("top_k", 1, MaxTopK) ?? DefaultTopK;
        var threshold = 1 - form.Number("threshold", 0, 1);

        var recognised = await recognition.RecogniseAsync(gallery, image, threshold, 1 - DefaultDistance, topK, cancellationToken: cancellationToken);
        if (recognised.Faces is not [var face, ..])
        {
            throw new FailureException(Failure.NoFace, "No face detected in image");
        }

        await audit.LookedUpAsync("records", gallery, face.Matches.Select(match => match.Candidate.Person.Uuid), cancellationToken);
        var matches = face.Matches.Select(match => Describe(match, recognised.Recogniser)).ToArray();
        return TypedResults.Ok(new Response(
            face.Known is not null,
            face.Known is null ? null : matches[0],
            matches,
            true,
            Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1)));
    }

    private static RecordMatch Describe(Match match, Recogniser recogniser) => new(
        match.Candidate.Face.Uuid,
        match.Candidate.Person.Name,
        Math.Round(match.Score, 4),
        Math.Round(1 - match.Score, 4),
        Record.MetadataOf(match.Candidate.Face),
        Math.Round(match.Candidate.Cosine, 4),
        Math.Round(1 - match.Threshold, 4),
        recogniser.Name,
        recogniser.Licence,
        recogniser.Sha256);

    /// <param name="Image">The photo.</param>
    /// <param name="TopK">How many matches.</param>
    /// <param name="Threshold">The distance up to which a face counts as recognised; obeyed as it is.</param>
    internal sealed record Form(
        [property: Required] IFormFile Image,
        [property: Range(1, MaxTopK), DefaultValue(DefaultTopK)] int? TopK,
        [property: Range(0.0, 1.0), DefaultValue(DefaultDistance)] double? Threshold);

    internal sealed record Response(bool Recognized, RecordMatch? BestMatch, RecordMatch[] TopMatches, bool FaceDetected, double ProcessingTimeMs);

    /// <param name="Id">The record's.</param>
    /// <param name="Name">The person's.</param>
    /// <param name="Confidence">Similarity, 0 to 1.</param>
    /// <param name="Distance">1 - similarity.</param>
    /// <param name="Metadata">The record's.</param>
    /// <param name="Cosine">Raw, of the recogniser.</param>
    /// <param name="Threshold">The distance up to which a face counts as recognised.</param>
    /// <param name="Model">The recogniser.</param>
    /// <param name="ModelLicence">Of its weights.</param>
    /// <param name="ModelSha256">Of its file.</param>
    internal sealed record RecordMatch(
        Guid Id, string Name, double Confidence, double Distance, JsonElement? Metadata, double Cosine, double Threshold, string Model,
        string ModelLicence, string ModelSha256);
}
