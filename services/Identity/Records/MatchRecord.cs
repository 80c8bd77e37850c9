using System.Diagnostics;
using System.Text.Json;
using FaceCloud.Contracts;
using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Records;

/// <summary><c>POST /records/match</c>.</summary>
internal static class MatchRecord
{
    private const int DefaultTopK = 5;
    private const int MaxTopK = 100;

    // This dialect counts in distances, 1 - similarity.
    private const double DefaultDistance = 0.45;

    public static async Task<Ok<Response>> HandleAsync(HttpRequest http, Recognition recognition, CancellationToken cancellationToken)
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

        var matches = face.Matches.Select(match => Describe(match, recognised.Recogniser.Name)).ToArray();
        return TypedResults.Ok(new Response(
            face.Known is not null,
            face.Known is null ? null : matches[0],
            matches,
            true,
            Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1)));
    }

    private static RecordMatch Describe(Match match, string recogniser) => new(
        match.Candidate.Face.Uuid,
        match.Candidate.Person.Name,
        Math.Round(match.Score, 4),
        Math.Round(1 - match.Score, 4),
        Record.MetadataOf(match.Candidate.Face),
        Math.Round(match.Candidate.Cosine, 4),
        Math.Round(1 - match.Threshold, 4),
        recogniser);

    internal sealed record Response(bool Recognized, RecordMatch? BestMatch, RecordMatch[] TopMatches, bool FaceDetected, double ProcessingTimeMs);

    /// <param name="Id">The record's.</param>
    /// <param name="Name">The person's.</param>
    /// <param name="Confidence">Similarity, 0 to 1.</param>
    /// <param name="Distance">1 - similarity.</param>
    /// <param name="Metadata">The record's.</param>
    /// <param name="Cosine">Raw, of the recogniser.</param>
    /// <param name="Threshold">The distance up to which a face counts as recognised.</param>
    /// <param name="Model">The recogniser.</param>
    internal sealed record RecordMatch(
        Guid Id, string Name, double Confidence, double Distance, JsonElement? Metadata, double Cosine, double Threshold, string Model);
}
