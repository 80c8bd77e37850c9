using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Photos;

internal static class PhotoQueries
{
    /// <summary>The photos of the caller's gallery.</summary>
    public static IQueryable<Photo> PhotosOf(this IdentityDb db, HttpRequest http)
    {
        var gallery = GalleryName.Of(http);
        return db.Photos.AsNoTracking().Where(photo => db.Galleries.Any(owner => owner.Id == photo.GalleryId && owner.Name == gallery));
    }
}
