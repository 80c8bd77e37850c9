using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Data;

internal static class Galleries
{
    /// <summary>The gallery of that name, or null if nothing was ever put into it.</summary>
    public static Task<long?> FindGalleryAsync(this IdentityDb db, string name, CancellationToken cancellationToken) =>
        db.Galleries.Where(gallery => gallery.Name == name).Select(gallery => (long?)gallery.Id).SingleOrDefaultAsync(cancellationToken);

    /// <summary>The gallery of that name, made if it is new.</summary>
    public static async Task<long> GalleryIdAsync(this IdentityDb db, string name, CancellationToken cancellationToken)
    {
        if (await db.FindGalleryAsync(name, cancellationToken) is { } known)
        {
            return known;
        }

        await db.Database.ExecuteSqlAsync($"INSERT INTO identity.galleries (name) VALUES ({name}) ON CONFLICT (name) DO NOTHING", cancellationToken);
        return await db.Galleries.Where(gallery => gallery.Name == name).Select(gallery => gallery.Id).SingleAsync(cancellationToken);
    }

    /// <summary>Makes changes to what is in a gallery come one after the other, until the transaction ends; new photos and faces may still come.</summary>
    public static Task LockGalleryAsync(this IdentityDb db, long galleryId, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT 1 FROM identity.galleries WHERE id = {galleryId} FOR NO KEY UPDATE", cancellationToken);
}
