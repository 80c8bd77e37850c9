using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;

namespace FaceCloud.Identity.Albums;

/// <summary>An album as clients see it.</summary>
/// <param name="AlbumId">In paths of the quality dialect.</param>
/// <param name="Id">In those of the library dialect.</param>
/// <param name="Name">Not necessarily of this one alone.</param>
/// <param name="PhotoCount">How many photos are in it.</param>
/// <param name="CreatedAt">UTC.</param>
internal sealed record AlbumBody(Guid AlbumId, long Id, string Name, int PhotoCount, string CreatedAt)
{
    public static AlbumBody Of(Album album, int photos) => new(album.Uuid, album.Id, album.Name, photos, ImageBody.Time(album.CreatedAt));
}
