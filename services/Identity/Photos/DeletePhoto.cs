using System.Text.Json.Serialization;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Photos;

/// <summary><c>DELETE /api/photos/{id}</c>.</summary>
internal static class DeletePhoto
{
    public static async Task<Ok<Response>> HandleAsync(HttpRequest http, string id, IdentityDb db, PhotoRemoval removal, CancellationToken cancellationToken)
    {
        var photo = await db.RequireOpenPhotoAsync(http, id, cancellationToken);
        return await removal.RemoveAsync(photo.GalleryId, photo.Id, cancellationToken)
            ? TypedResults.Ok(new Response(true, "Photo deleted successfully", photo.Id))
            : throw ItemId.NotFound("photo", id);
    }

    internal sealed record Response(bool Success, string Message, [property: JsonPropertyName("deletedPhotoId")] long DeletedPhotoId);
}
