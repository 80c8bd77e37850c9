using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Library;

/// <summary><c>GET /api/faces/{faceId}/history</c>: what was decided about it, the newest first; of a deleted face, that it was.</summary>
internal static class FaceHistory
{
    public static async Task<Ok<HistoryBody>> HandleAsync(
        long faceId, HttpRequest http, IdentityDb db, [Range(1, Require.MaxLimit), DefaultValue(Require.DefaultLimit)] int? limit,
        [Range(0, int.MaxValue), DefaultValue(0)] int? offset,
        CancellationToken cancellationToken)
    {
        var galleryId = await db.FindGalleryAsync(GalleryName.Of(http), cancellationToken) ?? 0;
        var changes = db.LedgerChanges.Where(change => change.FaceId == faceId);
        var history = await HistoryBody.OfAsync(db, galleryId, changes, faceId, offset, limit, cancellationToken);
        return history.TotalCount > 0 || await db.Faces.AnyAsync(face => face.GalleryId == galleryId && face.Id == faceId, cancellationToken)
            ? TypedResults.Ok(history)
            : throw Missing.Face(faceId);
    }
}
