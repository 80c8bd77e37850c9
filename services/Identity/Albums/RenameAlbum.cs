using System.ComponentModel.DataAnnotations;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Albums;

/// <summary><c>PUT /api/v1/albums/{id}</c>.</summary>
internal static class RenameAlbum
{
    public static async Task<Ok<AlbumBody>> HandleAsync(HttpRequest http, string id, IdentityDb db, CancellationToken cancellationToken)
    {
        var album = await db.RequireOwnAlbumAsync(http, id, cancellationToken);
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        album.Name = PersonName.Require(request.Name);
        var renamed = await db.Albums.Where(row => row.Id == album.Id)
            .ExecuteUpdateAsync(row => row.SetProperty(known => known.Name, album.Name), cancellationToken);
        return renamed == 1
            ? TypedResults.Ok(AlbumBody.Of(album, await db.Photos.CountAsync(photo => photo.AlbumId == album.Id, cancellationToken)))
            : throw ItemId.NotFound("album", id);
    }

    /// <param name="Name">1 to 200 characters.</param>
    internal sealed record Request([property: Required, StringLength(200, MinimumLength = 1)] string? Name);
}
