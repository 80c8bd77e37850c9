using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Albums;

internal static class AlbumQueries
{
    /// <summary>The albums of the caller's gallery.</summary>
    public static IQueryable<Album> AlbumsOf(this IdentityDb db, HttpRequest http) => db.AlbumsOf(GalleryName.Of(http));

    /// <summary>The albums of a gallery.</summary>
    public static IQueryable<Album> AlbumsOf(this IdentityDb db, string gallery) =>
        db.Albums.AsNoTracking().Where(album => db.Galleries.Any(owner => owner.Id == album.GalleryId && owner.Name == gallery));

    /// <summary>The one that a client calls this, if it is among them.</summary>
    public static IQueryable<Album> With(this IQueryable<Album> albums, string id)
    {
        var (number, uuid) = ItemId.Of(id);
        return albums.Where(album => album.Id == number || album.Uuid == uuid);
    }

    /// <summary>An album that stays as it is until the transaction ends.</summary>
    /// <param name="db">In a transaction.</param>
    /// <param name="galleryId">The caller's.</param>
    /// <param name="id">As it was sent.</param>
    /// <param name="forChange">Also no photo comes into it meanwhile.</param>
    /// <param name="cancellationToken">While it waits.</param>
    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>: nothing, or of another gallery.</exception>
    public static async Task<Album> LockAlbumAsync(this IdentityDb db, long galleryId, string id, bool forChange, CancellationToken cancellationToken)
    {
        var (number, uuid) = ItemId.Of(id);
        var found = forChange
            ? db.Albums.FromSql($"SELECT * FROM identity.albums WHERE gallery_id = {galleryId} AND (id = {number} OR uuid = {uuid}) FOR UPDATE")
            : db.Albums.FromSql($"SELECT * FROM identity.albums WHERE gallery_id = {galleryId} AND (id = {number} OR uuid = {uuid}) FOR KEY SHARE");
        return (await found.AsNoTracking().ToListAsync(cancellationToken)).SingleOrDefault() ?? throw ItemId.NotFound("album", id);
    }
}
