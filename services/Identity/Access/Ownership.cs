using FaceCloud.Contracts;
using FaceCloud.Identity.Albums;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;
using FaceCloud.Identity.Photos;
using FaceCloud.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Access;

/// <summary>
/// Whose things are. An album belongs to whom made it, and with it its photos and their faces; a job to whom asked for it. In the quality dialect a
/// caller sees and changes what is theirs (<c>OwnedBy</c>), an admin everything. The library dialect is one view of the gallery for all who may call
/// it, but for the photos in albums of others (<c>OpenTo</c>).
/// </summary>
internal static class Ownership
{
    public static IQueryable<Album> OwnedBy(this IQueryable<Album> albums, Caller caller)
    {
        var owner = caller.Owner;
        return caller.IsAdmin ? albums : albums.Where(album => album.Owner == owner);
    }

    public static IQueryable<Job> OwnedBy(this IQueryable<Job> jobs, Caller caller)
    {
        var owner = caller.Owner;
        return caller.IsAdmin ? jobs : jobs.Where(job => job.Owner == owner);
    }

    public static IQueryable<Face> OwnedBy(this IQueryable<Face> faces, IdentityDb db, Caller caller)
    {
        var albums = db.Albums.OwnedBy(caller);
        return caller.IsAdmin
            ? faces
            : faces.Where(face => db.Photos.Any(photo => photo.Id == face.PhotoId && albums.Any(album => album.Id == photo.AlbumId)));
    }

    /// <summary>
    /// The caller's own and nobody's. An admin gets all, and so does somebody anonymous: where nobody is asked who they are, everything is open to all.
    /// </summary>
    public static IQueryable<Album> OpenTo(this IQueryable<Album> albums, Caller caller)
    {
        var owner = caller.Owner;
        return caller.IsAdmin || owner is null ? albums : albums.Where(album => album.Owner == null || album.Owner == owner);
    }

    /// <summary>Those in no album, and in one that is open to the caller.</summary>
    public static IQueryable<Photo> OpenTo(this IQueryable<Photo> photos, IdentityDb db, Caller caller)
    {
        var albums = db.Albums.OpenTo(caller);
        return photos.Where(photo => photo.AlbumId == null || albums.Any(album => album.Id == photo.AlbumId));
    }

    /// <summary>Those on no photo, and on one that is open to the caller.</summary>
    public static IQueryable<Face> OpenTo(this IQueryable<Face> faces, IdentityDb db, Caller caller)
    {
        var photos = db.Photos.OpenTo(db, caller);
        return faces.Where(face => face.PhotoId == null || photos.Any(photo => photo.Id == face.PhotoId));
    }

    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>: none of the gallery; <see cref="Failure.Forbidden"/>: somebody else's.</exception>
    public static Task<Album> RequireOwnAlbumAsync(this IdentityDb db, HttpRequest http, string id, CancellationToken cancellationToken) =>
        db.RequireOwnAlbumAsync(GalleryName.Of(http), Caller.Of(http), id, cancellationToken);

    /// <inheritdoc cref="RequireOwnAlbumAsync(IdentityDb, HttpRequest, string, CancellationToken)"/>
    public static Task<Album> RequireOwnAlbumAsync(this IdentityDb db, string gallery, Caller caller, string id, CancellationToken cancellationToken)
    {
        var album = db.AlbumsOf(gallery).With(id);
        return RequireAsync(album, album.OwnedBy(caller), () => ItemId.NotFound("album", id), cancellationToken);
    }

    /// <inheritdoc cref="RequireOwnAlbumAsync(IdentityDb, HttpRequest, string, CancellationToken)"/>
    public static Task<Album> RequireOpenAlbumAsync(this IdentityDb db, HttpRequest http, string id, CancellationToken cancellationToken)
    {
        var album = db.AlbumsOf(http).With(id);
        return RequireAsync(album, album.OpenTo(Caller.Of(http)), () => ItemId.NotFound("album", id), cancellationToken);
    }

    /// <inheritdoc cref="RequireOwnAlbumAsync(IdentityDb, HttpRequest, string, CancellationToken)"/>
    public static Task<Photo> RequireOpenPhotoAsync(this IdentityDb db, HttpRequest http, string id, CancellationToken cancellationToken)
    {
        var (number, uuid) = ItemId.Of(id);
        var photo = db.PhotosOf(http).Where(photo => photo.Id == number || photo.Uuid == uuid);
        return RequireAsync(photo, photo.OpenTo(db, Caller.Of(http)), () => ItemId.NotFound("photo", id), cancellationToken);
    }

    /// <inheritdoc cref="RequireOwnAlbumAsync(IdentityDb, HttpRequest, string, CancellationToken)"/>
    public static Task<Face> RequireOpenFaceAsync(this IdentityDb db, HttpRequest http, long id, CancellationToken cancellationToken)
    {
        var face = db.FacesOf(http).Where(face => face.Id == id);
        return RequireAsync(face, face.OpenTo(db, Caller.Of(http)), () => Missing.Face(id), cancellationToken);
    }

    /// <inheritdoc cref="RequireOwnAlbumAsync(IdentityDb, HttpRequest, string, CancellationToken)"/>
    public static Task<Face> RequireOwnFaceAsync(this IdentityDb db, HttpRequest http, Guid id, CancellationToken cancellationToken)
    {
        var face = db.FacesOf(http).Where(face => face.Uuid == id);
        return RequireAsync(
            face, face.OwnedBy(db, Caller.Of(http)), () => new FailureException(Failure.NotFound, $"Face {id} not found"), cancellationToken);
    }

    /// <inheritdoc cref="RequireOwnAlbumAsync(IdentityDb, HttpRequest, string, CancellationToken)"/>
    public static Task<Job> RequireOwnJobAsync(this IdentityDb db, HttpRequest http, string id, CancellationToken cancellationToken)
    {
        var uuid = ItemId.Of(id).Uuid;
        var job = db.JobsOf(http).Where(job => job.Id == uuid);
        return RequireAsync(job, job.OwnedBy(Caller.Of(http)), () => ItemId.NotFound("job", id), cancellationToken);
    }

    /// <summary>The one thing that is asked for.</summary>
    /// <param name="there">It, if it is there.</param>
    /// <param name="allowed">It, if the caller may have it, too.</param>
    /// <param name="missing">Says that it is not there.</param>
    /// <param name="cancellationToken">The client went away.</param>
    /// <exception cref="FailureException"><see cref="Failure.Forbidden"/>: it is there, and somebody else's.</exception>
    private static async Task<T> RequireAsync<T>(
        IQueryable<T> there, IQueryable<T> allowed, Func<FailureException> missing, CancellationToken cancellationToken) =>
        await allowed.SingleOrDefaultAsync(cancellationToken) ?? throw (await there.AnyAsync(cancellationToken) ? Denied() : missing());

    /// <summary>That something is there, and somebody else's.</summary>
    public static FailureException Denied() => new(Failure.Forbidden, "Access denied");

    /// <summary>The faces of the caller's gallery.</summary>
    public static IQueryable<Face> FacesOf(this IdentityDb db, HttpRequest http)
    {
        var gallery = GalleryName.Of(http);
        return db.Faces.AsNoTracking().Where(face => db.Galleries.Any(owner => owner.Id == face.GalleryId && owner.Name == gallery));
    }

    /// <summary>The jobs of the caller's gallery.</summary>
    public static IQueryable<Job> JobsOf(this IdentityDb db, HttpRequest http)
    {
        var gallery = GalleryName.Of(http);
        return db.Jobs.AsNoTracking().Where(job => db.Galleries.Any(owner => owner.Id == job.GalleryId && owner.Name == gallery));
    }
}
