using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Library;

/// <summary><c>PUT /api/faces/{faceId}/reassign</c>: the old person is remembered as wrong.</summary>
internal static class ReassignFace
{
    [Fails(Failure.Conflict)]
    public static async Task<Ok<Response>> HandleAsync(
        long faceId, HttpRequest http, FaceCuration curation, IdentityDb db, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        var (fromId, toId) = (Require.Id(request.FromPersonId, "fromPersonId"), Require.Id(request.ToPersonId, "toPersonId"));
        if (fromId == toId)
        {
            throw new FailureException(Failure.InvalidRequest, "The fields 'fromPersonId' and 'toPersonId' must be two people.");
        }

        var (from, to) = await curation.ReassignAsync(
            gallery, faceId, fromId, toId, (float?)Require.Fraction(request.Confidence, "confidence"), Require.Text(request.Reason, "reason"),
            cancellationToken);
        return TypedResults.Ok(new Response(
            true,
            $"Face reassigned from {from.Name} to {to.Name}",
            await CountedPerson.OfAsync(db, from, cancellationToken),
            await CountedPerson.OfAsync(db, to, cancellationToken)));
    }

    /// <param name="FromPersonId">Who has it; another one is a conflict.</param>
    /// <param name="ToPersonId">Whose it is.</param>
    /// <param name="Confidence">How sure, 0 to 1; kept with the face.</param>
    /// <param name="Reason">Why; kept in the history.</param>
    internal sealed record Request(
        [property: Required, JsonPropertyName("fromPersonId")] long? FromPersonId, [property: Required, JsonPropertyName("toPersonId")] long? ToPersonId,
        [property: Range(0.0, 1.0)] double? Confidence, string? Reason);

    internal sealed record Response(
        bool Success, string Message,
        [property: JsonPropertyName("fromPerson")] CountedPerson FromPerson, [property: JsonPropertyName("toPerson")] CountedPerson ToPerson);
}
