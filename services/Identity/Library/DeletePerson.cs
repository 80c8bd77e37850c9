using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Library;

/// <summary><c>DELETE /api/people/{personId}</c>: the faces of photos are unidentified afterwards.</summary>
internal static class DeletePerson
{
    public static async Task<Ok<Response>> HandleAsync(long personId, HttpRequest http, PeopleCuration curation, CancellationToken cancellationToken)
    {
        await curation.DeleteAsync(GalleryName.Of(http), personId, cancellationToken);
        return TypedResults.Ok(new Response(true, "Person deleted successfully", personId));
    }

    internal sealed record Response(bool Success, string Message, [property: JsonPropertyName("deletedPersonId")] long DeletedPersonId);
}
