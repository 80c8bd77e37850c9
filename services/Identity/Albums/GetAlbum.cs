using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Albums;

/// <summary><c>GET /api/v1/albums/{id}</c>; its photos are <c>GET /api/photos?albumId={id}</c>.</summary>
internal static class GetAlbum
{
    public static async Task<Ok<AlbumBody>> HandleAsync(HttpRequest http, string id, IdentityDb db, CancellationToken cancellationToken)
    {
        var album = await db.RequireOwnAlbumAsync(http, id, cancellationToken);
        return TypedResults.Ok(AlbumBody.Of(album, await db.Photos.CountAsync(photo => photo.AlbumId == album.Id, cancellationToken)));
    }
}
