using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Library;

/// <summary><c>GET /api/faces/needs-review</c>: the newest first.</summary>
internal static class NeedsReview
{
    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, IdentityDb db, [Range(1, Require.MaxLimit), DefaultValue(Require.DefaultLimit)] int? limit,
        [Range(0, int.MaxValue), DefaultValue(0)] int? offset,
        CancellationToken cancellationToken)
    {
        var page = Require.Page(offset, limit);
        var galleryId = await db.FindGalleryAsync(GalleryName.Of(http), cancellationToken) ?? 0;
        var rows = await (
            from face in db.Faces.Where(face => face.GalleryId == galleryId && face.ProposedPersonId != null)
                .OrderByDescending(face => face.SeenAt).ThenByDescending(face => face.Id).Skip(page.Offset).Take(page.Limit)
            join person in db.People on face.ProposedPersonId equals person.Id
            join photo in db.Photos on face.PhotoId equals photo.Id into photos
            from photo in photos.DefaultIfEmpty()
            orderby face.SeenAt descending, face.Id descending
            select new { face.Id, face.PersonConfidence, Person = new Proposed(person.Id, person.Name), Photo = photo })
            .AsNoTracking().ToListAsync(cancellationToken);
        return TypedResults.Ok(new Response(
            [.. rows.Select(row => new WaitingFace(
                row.Id, row.PersonConfidence is { } confidence ? Math.Round(confidence, 4) : null, true, row.Person,
                ImageBody.Of(row.Photo) is { } image ? new Image(image.Id, image.Filename, image.DateTaken) : null))],
            rows.Count));
    }

    internal sealed record Response(WaitingFace[] Faces, int Count);

    /// <param name="Id">The face's.</param>
    /// <param name="PersonConfidence">Similarity to the person.</param>
    /// <param name="NeedsReview">True.</param>
    /// <param name="Person">Who it may be.</param>
    /// <param name="Image">Null for a face that was enrolled without keeping its photo.</param>
    internal sealed record WaitingFace(long Id, double? PersonConfidence, bool NeedsReview, Proposed Person, Image? Image);

    internal sealed record Proposed(long Id, string Name);

    internal sealed record Image(long Id, string Filename, string? DateTaken);
}
