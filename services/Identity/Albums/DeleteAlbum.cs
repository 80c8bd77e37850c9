using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Albums;

/// <summary><c>DELETE /api/v1/albums/{id}</c>.</summary>
internal static class DeleteAlbum
{
    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, string id, IdentityDb db, IndexSync indexSync, CancellationToken cancellationToken)
    {
        var (album, faces) = await DeleteAsync((await db.RequireOwnAlbumAsync(http, id, cancellationToken)).GalleryId, id, db, indexSync, cancellationToken);
        await indexSync.FollowAsync(faces);
        return TypedResults.Ok(new Response(true, "Album deleted; its photos are kept", album.Uuid));
    }

    private static async Task<(Album Album, long[] Faces)> DeleteAsync(
        long galleryId, string id, IdentityDb db, IndexSync indexSync, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var album = await db.LockAlbumAsync(galleryId, id, forChange: true, cancellationToken);
        await db.LockGalleryAsync(galleryId, cancellationToken);

        // Locked, so that a face which is stored just now either is seen here or waits, and is indexed without the album.
        var photos = await db.Photos.FromSql($"SELECT * FROM identity.photos WHERE album_id = {album.Id} ORDER BY id FOR UPDATE")
            .AsNoTracking().Select(photo => photo.Id).ToArrayAsync(cancellationToken);
        var faces = await db.Faces.Where(face => photos.Contains(face.PhotoId!.Value)).Select(face => face.Id).ToArrayAsync(cancellationToken);
        await indexSync.NoteAsync(faces, cancellationToken);
        await db.Albums.Where(row => row.Id == album.Id).ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (album, faces);
    }

    internal sealed record Response(bool Success, string Message, Guid DeletedAlbumId);
}
