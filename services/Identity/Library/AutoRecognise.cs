using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using FaceCloud.Contracts;
using FaceCloud.Identity.Audit;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Library;

/// <summary><c>POST /api/faces/auto-recognize</c>.</summary>
internal static class AutoRecognise
{
    [Fails(Failure.InsufficientData)]
    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, AutoRecognition recognition, AuditTrail audit, [Range(1, Require.MaxLimit), DefaultValue(Require.DefaultLimit)] int? limit,
        [Range(0.0, 1.0)] double? minConfidence, bool? allowSamePhoto, CancellationToken cancellationToken)
    {
        var faces = Require.Page(null, limit).Limit;
        Require.Fraction(minConfidence, "minConfidence");
        var gallery = GalleryName.Of(http);
        var done = await recognition.RecogniseAsync(gallery, faces, minConfidence, allowSamePhoto ?? false, cancellationToken);
        await audit.LookedUpAsync(LibraryApi.Dialect, gallery, done.People.Values.Select(person => person.Uuid), cancellationToken);
        var assigned = done.Matches.Where(match => match.Action == AutoAction.Assign).Select(match => Describe(match, done)).ToArray();
        var review = done.Matches.Where(match => match.Action == AutoAction.Review).Select(match => Describe(match, done)).ToArray();
        return TypedResults.Ok(new Response(
            assigned.Length,
            done.Processed,
            review.Length,
            done.TrainedPeople,
            assigned,
            review,
            $"Auto-recognition completed: {assigned.Length} auto-assigned, {review.Length} need confirmation from {done.Processed} processed"));
    }

    private static Result Describe(AutoMatch match, AutoRecognised done) => new(
        match.Face.Id,
        match.PersonId,
        done.People[match.PersonId].Name,
        Math.Round(match.Score, 4),
        match.Action == AutoAction.Assign ? "auto_assigned" : "needs_confirmation",
        match.Reason,
        Math.Round(match.Cosine, 4),
        match.Margin is { } margin ? Math.Round(margin, 4) : null,
        Math.Round(done.Rules.AssignFrom, 4),
        done.Recogniser.Name,
        done.Recogniser.Licence,
        done.Recogniser.Sha256);

    /// <param name="Recognized">Faces given to a person.</param>
    /// <param name="Processed">Faces looked at.</param>
    /// <param name="NeedsConfirmation">Faces that wait for a review.</param>
    /// <param name="TrainedPeople">People with at least one embedding.</param>
    /// <param name="Results">The first.</param>
    /// <param name="ConfirmationNeeded">The second.</param>
    /// <param name="Message">All of it as a sentence.</param>
    internal sealed record Response(
        int Recognized,
        int Processed,
        [property: JsonPropertyName("needsConfirmation")] int NeedsConfirmation,
        [property: JsonPropertyName("trainedPeople")] int TrainedPeople,
        Result[] Results,
        [property: JsonPropertyName("confirmationNeeded")] Result[] ConfirmationNeeded,
        string Message);

    /// <param name="FaceId">The face.</param>
    /// <param name="PersonId">The person it is most like.</param>
    /// <param name="PersonName">Their name.</param>
    /// <param name="Confidence">Similarity to the most similar of their faces.</param>
    /// <param name="Action"><c>auto_assigned</c> or <c>needs_confirmation</c>.</param>
    /// <param name="Reason">Why a user is asked though the confidence would do; null otherwise.</param>
    /// <param name="Cosine">Raw, of the same comparison.</param>
    /// <param name="Margin">The cosine less that of the second-best person; null where nobody else is near.</param>
    /// <param name="Threshold">The confidence from which faces were assigned.</param>
    /// <param name="Model">The recogniser.</param>
    /// <param name="ModelLicence">Of its weights.</param>
    /// <param name="ModelSha256">Of its file.</param>
    internal sealed record Result(
        [property: JsonPropertyName("faceId")] long FaceId,
        [property: JsonPropertyName("personId")] long PersonId,
        [property: JsonPropertyName("personName")] string PersonName,
        double Confidence,
        string Action,
        string? Reason,
        double Cosine,
        double? Margin,
        double Threshold,
        string Model,
        string ModelLicence,
        string ModelSha256);
}
