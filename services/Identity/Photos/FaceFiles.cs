using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Photos;

/// <summary>The keys in the store of the pictures that are kept of faces.</summary>
internal static class FaceFiles
{
    /// <summary>What is shown of a face: its crop where it is on a photo, else its portrait; null where no picture is kept.</summary>
    public static string? Picture(Guid face, Guid? photo, int? ordinal, bool hasPortrait) => (photo, ordinal) switch
    {
        ({ } on, { } place) => PhotoFiles.Crop(on, place),
        _ => hasPortrait ? Portrait(face) : null,
    };

    /// <summary>The portrait of an enrolled face.</summary>
    public static string Portrait(Guid face)
    {
        // As with photos, the last digits of a UUIDv7 spread the folders.
        var name = face.ToString("n");
        return $"faces/{name[^2..]}/{name}.jpg";
    }

    /// <summary>The crops and portraits of faces, in the order of their ids.</summary>
    public static async Task<IReadOnlyList<FacePicture>> PicturesAsync(IdentityDb db, long[] faceIds, CancellationToken cancellationToken)
    {
        var rows = await (
            from face in db.Faces
            where faceIds.Contains(face.Id)
            join photo in db.Photos on face.PhotoId equals (long?)photo.Id into photos
            from photo in photos.DefaultIfEmpty()
            orderby face.Id
            select new { face.Id, Photo = (Guid?)photo.Uuid, face.Ordinal, face.Uuid, HasPortrait = face.Portrait != null }).ToListAsync(cancellationToken);
        return
        [
            .. from row in rows
               let key = Picture(row.Uuid, row.Photo, row.Ordinal, row.HasPortrait)
               where key is not null
               select new FacePicture(row.Id, key),
        ];
    }
}

/// <param name="FaceId">The face's.</param>
/// <param name="Key">In the store.</param>
internal readonly record struct FacePicture(long FaceId, string Key);
