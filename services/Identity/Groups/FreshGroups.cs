using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Groups;

/// <summary>
/// Groups as somebody reads them who has just decided about a few faces: those are worked out first. After an upload it is the worker's turn.
/// </summary>
internal sealed class FreshGroups(IdentityDb db, Grouping grouping)
{
    private const int Few = 100;

    /// <summary>Null while a gallery has nothing in it.</summary>
    public async Task<long?> CatchUpAsync(string gallery, CancellationToken cancellationToken)
    {
        var galleryId = await db.FindGalleryAsync(gallery, cancellationToken);
        if (galleryId is { } id && await PendingAsync(id, Few + 1, cancellationToken) is > 0 and <= Few)
        {
            await grouping.CatchUpAsync(id, cancellationToken);
        }

        return galleryId;
    }

    /// <summary>Faces whose group is still to be worked out.</summary>
    public Task<int> PendingAsync(long galleryId, int most, CancellationToken cancellationToken) =>
        db.GroupChanges.Where(change => change.GalleryId == galleryId).OrderBy(change => change.FaceId).Take(most).CountAsync(cancellationToken);
}
