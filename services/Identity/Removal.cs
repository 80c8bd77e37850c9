using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity;

/// <summary>
/// Removes people and enrolled faces, for the dialects that promise that nothing is held of them afterwards: faces without a photo go for good,
/// and with a person their name wherever the ledger has it. Faces in photos of the library stay there as nobody's.
/// </summary>
internal sealed class Removal(IdentityDb db, Ledger ledger)
{
    /// <summary>Removes a person and all their faces.</summary>
    /// <returns>False if there is nobody of that name.</returns>
    public Task<bool> RemovePersonAsync(string dialect, string gallery, string name, CancellationToken cancellationToken) =>
        ledger.DecideAsync(
            gallery,
            new Origin(dialect, LedgerAction.Erase),
            async decision =>
            {
                if (await decision.FindPersonAsync(name) is not { } person)
                {
                    return false;
                }

                await decision.ReleaseAsync(person);
                person.Erased = true;
                return true;
            },
            cancellationToken);

    /// <summary>Removes one enrolled face, and with the last one its person.</summary>
    /// <returns>The person's name, or null if there is no such face.</returns>
    public Task<string?> RemoveEnrolledFaceAsync(string dialect, string gallery, Guid uuid, CancellationToken cancellationToken) =>
        ledger.DecideAsync(
            gallery,
            new Origin(dialect, LedgerAction.Erase),
            async decision =>
            {
                var id = await db.Faces.Where(f => f.GalleryId == decision.GalleryId && f.Uuid == uuid && f.EmbeddingIndex != null)
                    .Select(f => (long?)f.Id).SingleOrDefaultAsync(cancellationToken);
                if (id is null || (await decision.FaceAsync(id.Value)) is not { Now.PersonId: { } owner } face)
                {
                    return null;
                }

                var person = await decision.PersonAsync(owner);
                if (await db.Faces.AnyAsync(f => f.PersonId == owner && f.Id != id, cancellationToken))
                {
                    face.Deleted = face.PhotoId is null;
                    face.Now = FaceState.Unidentified;
                }
                else
                {
                    await decision.ReleaseAsync(person);
                    person.Erased = face.Deleted;
                }

                return person.Name;
            },
            cancellationToken);
}
