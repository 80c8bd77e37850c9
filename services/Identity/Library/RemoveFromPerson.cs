using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Library;

/// <summary><c>DELETE /api/faces/{faceId}/person</c>: the person is remembered as wrong.</summary>
internal static class RemoveFromPerson
{
    public static async Task<Ok<Response>> HandleAsync(long faceId, HttpRequest http, FaceCuration curation, CancellationToken cancellationToken)
    {
        await curation.RemoveFromPersonAsync(GalleryName.Of(http), faceId, cancellationToken);
        return TypedResults.Ok(new Response("Face removed from person successfully"));
    }

    internal sealed record Response(string Message);
}
