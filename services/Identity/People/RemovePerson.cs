using System.Globalization;
using System.Text.Json.Serialization;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.People;

/// <summary><c>DELETE /api/v1/people/{id}</c>: as in the library, or with <c>erase=true</c> for good.</summary>
internal static class RemovePerson
{
    public static async Task<Results<Ok<Response>, Accepted<Response>>> HandleAsync(
        HttpRequest http, string id, bool? erase, IdentityDb db, PeopleCuration curation, PersonErasure erasure, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var galleryId = await db.FindGalleryAsync(gallery, cancellationToken) ?? 0;
        if (erase is not true)
        {
            var person = await db.RequirePersonAsync(gallery, id, cancellationToken);
            await curation.DeleteAsync(gallery, person.Id, cancellationToken);
            return TypedResults.Ok(new Response(true, "Person deleted successfully", person.Uuid, null));
        }

        var number = await FindAsync(db, galleryId, id, cancellationToken) ?? throw ItemId.NotFound("person", id);
        var receipt = await ErasureReceipt.OfAsync(db, galleryId, await erasure.EraseAsync(galleryId, number, cancellationToken), CancellationToken.None);
        return receipt.IsComplete
            ? TypedResults.Ok(new Response(true, "Person erased", null, receipt))
            : TypedResults.Accepted(
                string.Create(CultureInfo.InvariantCulture, $"/api/v1/erasures/{receipt.Id}"),
                new Response(true, "Person erased; the vector index, files or scores follow, as the receipt tells", null, receipt));
    }

    /// <summary>Somebody who is there, or whom only the ledger knows: deleted, but not erased.</summary>
    private static async Task<long?> FindAsync(IdentityDb db, long galleryId, string id, CancellationToken cancellationToken)
    {
        var (number, uuid) = ItemId.Of(id);
        return await db.People.Where(person => person.GalleryId == galleryId && (person.Id == number || person.Uuid == uuid))
                .Select(person => (long?)person.Id).SingleOrDefaultAsync(cancellationToken)
            ?? (await db.Database.SqlQuery<long>(
                $"""
                 SELECT change.person_id AS "Value" FROM identity.ledger_changes change JOIN identity.ledger entry ON entry.id = change.entry_id
                 WHERE entry.gallery_id = {galleryId} AND entry.action <> {LedgerAction.Merge} AND change.face_id IS NULL
                   AND change.before IS NOT NULL AND change.after IS NULL
                   AND (change.person_id = {number} OR (change.before::jsonb ->> 'uuid')::uuid = {uuid}) LIMIT 1
                 """).ToListAsync(cancellationToken)).Cast<long?>().FirstOrDefault();
    }

    /// <param name="Success">True.</param>
    /// <param name="Message">What was done.</param>
    /// <param name="DeletedPersonId">Left out of an erasure.</param>
    /// <param name="Receipt">Of an erasure; left out otherwise.</param>
    internal sealed record Response(
        bool Success,
        string Message,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? DeletedPersonId,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ErasureReceipt? Receipt);
}
