using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Library;

/// <summary><c>POST /api/faces/bulk-assign</c>: the person first, then a result for each face, in order.</summary>
internal static class BulkAssign
{
    [Fails(Failure.NotFound)]
    public static async Task<Ok<Response>> HandleAsync(HttpRequest http, FaceCuration curation, IdentityDb db, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        var faceIds = Require.Ids(request.FaceIds, "faceIds");
        var (person, errors) = await curation.AssignManyAsync(
            gallery, faceIds, Require.Id(request.PersonId, "personId"), (float?)Require.Fraction(request.Confidence, "confidence"),
            new Origin(LibraryApi.Dialect, LedgerAction.BulkAssign, Require.Text(request.Method, "method")), cancellationToken);

        // A face that is named twice is assigned once, and both results say that it is.
        var assigned = faceIds.Where((_, i) => errors[i] is null).Distinct().Count();
        return TypedResults.Ok(new Response(
            assigned > 0,
            $"Assigned {assigned} faces to {person.Name}",
            [.. faceIds.Select((id, i) => new Result(id, errors[i] is null, errors[i]))],
            await CountedPerson.OfAsync(db, person, cancellationToken)));
    }

    /// <param name="FaceIds">1 to 10,000.</param>
    /// <param name="PersonId">Whose they are.</param>
    /// <param name="Confidence">How sure, 0 to 1; kept with the faces.</param>
    /// <param name="Method">How it was decided, in the client's words; the history keeps it as the reason.</param>
    internal sealed record Request(
        [property: Required, Length(1, Require.MaxIds), JsonPropertyName("faceIds")] long[]? FaceIds,
        [property: Required, JsonPropertyName("personId")] long? PersonId,
        [property: Range(0.0, 1.0)] double? Confidence, string? Method);

    /// <param name="Success">At least one face was assigned.</param>
    /// <param name="Message">How many.</param>
    /// <param name="Results">One for each id of the request, in order.</param>
    /// <param name="Person">Afterwards.</param>
    internal sealed record Response(bool Success, string Message, Result[] Results, CountedPerson Person);

    internal sealed record Result(
        [property: JsonPropertyName("faceId")] long FaceId, bool Success,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error);
}
