using FaceCloud.Contracts.Faces;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.People;

/// <summary>Where somebody who was erased is on photos that are kept: faces found there are not stored again.</summary>
internal static class ErasedPlaces
{
    // Less than boxes of one face share, from one detector to another, and more than those of two people side by side do.
    private const float TheSame = 0.3f;

    public static Task<List<FaceBox>> OfAsync(IdentityDb db, long photoId, CancellationToken cancellationToken) =>
        db.ErasedPlaces.Where(place => place.PhotoId == photoId).Select(place => place.Box).ToListAsync(cancellationToken);

    public static bool Cover(IEnumerable<FaceBox> places, FaceBox face) => places.Any(place => place.IntersectionOverUnion(face) >= TheSame);
}
