using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Library;

/// <summary>
/// <c>GET /api/people/{personId}/history</c>: what was decided about them and their faces, the newest first; also of one who was merged away.
/// </summary>
internal static class PersonHistory
{
    public static async Task<Ok<HistoryBody>> HandleAsync(
        long personId, HttpRequest http, IdentityDb db, [Range(1, Require.MaxLimit), DefaultValue(Require.DefaultLimit)] int? limit,
        [Range(0, int.MaxValue), DefaultValue(0)] int? offset,
        CancellationToken cancellationToken)
    {
        var galleryId = await db.FindGalleryAsync(GalleryName.Of(http), cancellationToken) ?? 0;
        var changes = db.LedgerChanges.Where(change => change.PersonId == personId);
        var history = await HistoryBody.OfAsync(db, galleryId, changes, null, offset, limit, cancellationToken);
        return history.TotalCount > 0 || await db.People.AnyAsync(person => person.GalleryId == galleryId && person.Id == personId, cancellationToken)
            ? TypedResults.Ok(history)
            : throw Missing.Person(personId);
    }
}
