using System.Text.Json.Serialization;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Library;

/// <summary><c>DELETE /api/faces/{faceId}</c>: row, vector and crop; it cannot be undone.</summary>
internal static class DeleteFace
{
    public static async Task<Ok<Response>> HandleAsync(long faceId, HttpRequest http, IdentityDb db, FaceCuration curation, CancellationToken cancellationToken)
    {
        await db.RequireOpenFaceAsync(http, faceId, cancellationToken);
        await curation.DeleteAsync(GalleryName.Of(http), faceId, cancellationToken);
        return TypedResults.Ok(new Response(true, "Face deleted successfully", faceId));
    }

    internal sealed record Response(bool Success, string Message, [property: JsonPropertyName("deletedFaceId")] long DeletedFaceId);
}
