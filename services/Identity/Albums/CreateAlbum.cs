using System.ComponentModel.DataAnnotations;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Albums;

/// <summary><c>POST /api/v1/albums</c>.</summary>
internal static class CreateAlbum
{
    public static async Task<Created<AlbumBody>> HandleAsync(HttpRequest http, IdentityDb db, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        var name = PersonName.Require(request.Name);
        var album = new Album { GalleryId = await db.GalleryIdAsync(gallery, cancellationToken), Name = name, Owner = Caller.Of(http).Owner };
        db.Albums.Add(album);
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Created($"/api/v1/albums/{album.Uuid}", AlbumBody.Of(album, 0));
    }

    /// <param name="Name">1 to 200 characters.</param>
    internal sealed record Request([property: Required, StringLength(200, MinimumLength = 1)] string? Name);
}
