using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Library;

/// <summary><c>POST /api/faces/assign</c>.</summary>
internal static class AssignFace
{
    [Fails(Failure.NotFound, Failure.Conflict)]
    public static async Task<Ok<Response>> HandleAsync(HttpRequest http, FaceCuration curation, IdentityDb db, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        var person = await curation.AssignAsync(
            gallery, Require.Id(request.FaceId, "faceId"), Require.Id(request.PersonId, "personId"), cancellationToken);
        return TypedResults.Ok(new Response(
            true, "Face assigned to person successfully", await CountedPerson.OfAsync(db, person, cancellationToken)));
    }

    internal sealed record Request(
        [property: Required, JsonPropertyName("faceId")] long? FaceId, [property: Required, JsonPropertyName("personId")] long? PersonId);

    internal sealed record Response(bool Success, string Message, CountedPerson Person);
}
