using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Photos;

/// <summary><c>GET /api/photos/{id}</c>.</summary>
internal static class GetPhoto
{
    public static async Task<Ok<PhotoBody>> HandleAsync(HttpRequest http, string id, IdentityDb db, CancellationToken cancellationToken)
    {
        var photo = await db.RequireOpenPhotoAsync(http, id, cancellationToken);
        return TypedResults.Ok(PhotoBody.Of(photo, [.. (await PhotoBody.FacesAsync(db, [photo.Id], cancellationToken))[photo.Id]]));
    }
}
