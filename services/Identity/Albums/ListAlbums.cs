using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using FaceCloud.Contracts;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Albums;

/// <summary><c>GET /api/v1/albums</c>.</summary>
internal static class ListAlbums
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, IdentityDb db, [Range(1, MaxLimit), DefaultValue(DefaultLimit)] int? limit, [Range(0, int.MaxValue), DefaultValue(0)] int? offset,
        CancellationToken cancellationToken)
    {
        if (offset < 0 || limit is < 1 or > MaxLimit)
        {
            throw new FailureException(Failure.InvalidRequest, $"The parameter offset must not be negative, and limit must be from 1 to {MaxLimit}.");
        }

        var albums = db.AlbumsOf(http).OwnedBy(Caller.Of(http));
        var page = await albums.OrderByDescending(album => album.Id).Skip(offset ?? 0).Take(limit ?? DefaultLimit)
            .Select(album => new { Album = album, Photos = db.Photos.Count(photo => photo.AlbumId == album.Id) }).ToListAsync(cancellationToken);
        return TypedResults.Ok(new Response(
            [.. page.Select(row => AlbumBody.Of(row.Album, row.Photos))], page.Count, await albums.LongCountAsync(cancellationToken)));
    }

    /// <param name="Albums">The newest first.</param>
    /// <param name="Count">Of these.</param>
    /// <param name="TotalCount">Of all.</param>
    internal sealed record Response(AlbumBody[] Albums, int Count, long TotalCount);
}
