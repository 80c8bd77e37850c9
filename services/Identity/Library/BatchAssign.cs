using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Library;

/// <summary><c>POST /api/faces/batch-assign</c>: a face that cannot be assigned is counted and leaves the others alone.</summary>
internal static class BatchAssign
{
    [Fails(Failure.NotFound)]
    public static async Task<Ok<Response>> HandleAsync(HttpRequest http, FaceCuration curation, IdentityDb db, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        var faceIds = Require.Ids(request.FaceIds, "faceIds");
        var (person, errors) = await curation.AssignManyAsync(
            gallery, faceIds, Require.Id(request.PersonId, "personId"), null,
            new Origin(LibraryApi.Dialect, LedgerAction.BatchAssign), cancellationToken);
        var failed = errors.Count(error => error is not null);
        return TypedResults.Ok(new Response(
            await CountedPerson.OfAsync(db, person, cancellationToken),
            $"Batch assignment completed: {errors.Count - failed} successful, {failed} failed",
            errors.Count - failed,
            failed));
    }

    internal sealed record Request(
        [property: Required, Length(1, Require.MaxIds), JsonPropertyName("faceIds")] long[]? FaceIds,
        [property: Required, JsonPropertyName("personId")] long? PersonId);

    internal sealed record Response(
        CountedPerson Person, string Message,
        [property: JsonPropertyName("successCount")] int SuccessCount, [property: JsonPropertyName("errorCount")] int ErrorCount);
}
