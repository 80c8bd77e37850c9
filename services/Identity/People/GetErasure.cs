using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.People;

/// <summary><c>GET /api/v1/erasures/{id}</c>.</summary>
internal static class GetErasure
{
    public static async Task<Ok<ErasureReceipt>> HandleAsync(HttpRequest http, string id, IdentityDb db, CancellationToken cancellationToken)
    {
        var galleryId = await db.FindGalleryAsync(GalleryName.Of(http), cancellationToken) ?? 0;
        return TypedResults.Ok(await ErasureReceipt.OfAsync(
            db, galleryId, ItemId.Of(id).Uuid ?? throw ItemId.NotFound("erasure", id), cancellationToken));
    }
}
