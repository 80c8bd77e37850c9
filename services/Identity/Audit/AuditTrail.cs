using System.Diagnostics;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Audit;

/// <summary>
/// Writes down who looked up, enrolled, changed, exported or deleted whom. A change and its entry are one transaction; a look-up is written before
/// it is answered, so that there is no answer without an entry. Entries are only added: a trigger refuses everything else, but for the two ways by
/// which they are forgotten, <see cref="PseudonymiseAsync"/> and <see cref="ForgetAsync"/>.
/// </summary>
internal sealed class AuditTrail(IdentityDb db, IHttpContextAccessor http)
{
    // Who decides where nobody asked.
    private const string Pipeline = "pipeline";

    // What the trigger asks for; see the migration.
    private const string Forgetting = "facecloud.forgetting";

    /// <summary>Who is asking.</summary>
    public string Actor => http.HttpContext is { } context ? Caller.Of(context.Request).Name : Pipeline;

    private string? Trace => Activity.Current?.TraceId.ToHexString() ?? http.HttpContext?.TraceIdentifier;

    /// <summary>Notes a look-up: return before it is answered.</summary>
    /// <param name="dialect">Through which it was asked.</param>
    /// <param name="gallery">Its name.</param>
    /// <param name="named">The people whom the answer names, or none.</param>
    /// <param name="cancellationToken">The client went away.</param>
    /// <param name="faceId">The stored face it was about, where it was about one.</param>
    public Task LookedUpAsync(string dialect, string gallery, IEnumerable<Guid> named, CancellationToken cancellationToken, long? faceId = null) =>
        AddAsync(dialect, AuditAction.LookUp, gallery, named, faceId is { } face ? [face] : [], cancellationToken);

    /// <summary>Notes an export: return before its first byte is sent.</summary>
    public Task ExportedAsync(string dialect, string gallery, Guid person, CancellationToken cancellationToken) =>
        AddAsync(dialect, AuditAction.Export, gallery, [person], [], cancellationToken);

    /// <summary>Notes a decision, in its transaction and before its rows are written.</summary>
    public Task DecidedAsync(Decision decision, Origin origin, IReadOnlyCollection<LedgerChange> changes, CancellationToken cancellationToken)
    {
        // An erased person is in no change.
        var loaded = decision.People.Where(person => person.Before != person.Now || person.Erased).ToList();
        long[] people = [.. changes.Select(change => change.PersonId).OfType<long>().Concat(loaded.Select(person => person.Id)).Distinct()];
        long[] faces = [.. changes.Select(change => change.FaceId).OfType<long>().Distinct()];
        Guid[] made = [.. loaded.Where(person => person.Before is null && person.Now is not null).Select(person => person.Now!.Uuid)];
        return db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO identity.audit (actor, dialect, action, gallery, people, faces, trace)
             SELECT {Actor}, {origin.Dialect}, {AuditAction.Of(origin.Action)}, name,
                    ARRAY(SELECT uuid FROM identity.people WHERE id = ANY({people}) UNION SELECT unnest({made})),
                    ARRAY(SELECT uuid FROM identity.faces WHERE id = ANY({faces})), {Trace}
             FROM identity.galleries WHERE id = {decision.GalleryId}
             """,
            cancellationToken);
    }

    /// <summary>Notes the deletion of a photo with its faces, in its transaction and before their rows are deleted.</summary>
    public Task PhotoDeletedAsync(long galleryId, long photoId, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO identity.audit (actor, dialect, action, gallery, people, faces, trace)
             SELECT {Actor}, {Library.LibraryApi.Dialect}, {AuditAction.Delete}, name,
                    ARRAY(SELECT DISTINCT person.uuid FROM identity.people person JOIN identity.faces face ON face.person_id = person.id
                          WHERE face.photo_id = {photoId}),
                    ARRAY(SELECT uuid FROM identity.faces WHERE photo_id = {photoId}), {Trace}
             FROM identity.galleries WHERE id = {galleryId} AND EXISTS (SELECT FROM identity.faces WHERE photo_id = {photoId})
             """,
            cancellationToken);

    /// <summary>Notes an erasure, in its transaction: that it was and by whom.</summary>
    public Task ErasedAsync(long galleryId, string dialect, Guid erasure, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO identity.audit (actor, dialect, action, gallery, people, faces, trace)
             SELECT {Actor}, {dialect}, {AuditAction.Erase}, name, ARRAY[{erasure}], ARRAY[]::uuid[], {Trace}
             FROM identity.galleries WHERE id = {galleryId}
             """,
            cancellationToken);

    /// <summary>Puts an erasure in the place of people, and leaves out their faces; part of the erasure's transaction, which has their rows locked.</summary>
    /// <returns>How many entries were about them.</returns>
    public async Task<int> PseudonymiseAsync(Guid erasure, Guid[] people, Guid[] faces, CancellationToken cancellationToken)
    {
        await AllowAsync(cancellationToken);
        var changed = await db.Database.ExecuteSqlAsync(
            $"""
             UPDATE identity.audit SET
                 people = ARRAY(SELECT DISTINCT CASE WHEN id = ANY({people}) THEN {erasure} ELSE id END FROM unnest(people) AS person (id)),
                 faces = ARRAY(SELECT id FROM unnest(faces) AS face (id) WHERE id <> ALL({faces}))
             WHERE people && {people} OR faces && {faces}
             """,
            cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT set_config({Forgetting}, '', true)", cancellationToken);
        return changed;
    }

    /// <summary>Deletes what is older than it has to be kept.</summary>
    /// <returns>How many entries.</returns>
    public async Task<int> ForgetAsync(TimeSpan olderThan, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await AllowAsync(cancellationToken);
        var deleted = await db.Database.ExecuteSqlAsync($"DELETE FROM identity.audit WHERE at < now() - {olderThan}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return deleted;
    }

    /// <summary>
    /// One statement, and with it one commit, which the database shares among requests. The locks are those of a foreign key: an erasure waits for them
    /// and then finds this entry, or this waits for the erasure and then finds nobody.
    /// </summary>
    private Task<int> AddAsync(string dialect, string action, string gallery, IEnumerable<Guid> people, long[] faceIds, CancellationToken cancellationToken)
    {
        Guid[] named = [.. people.Distinct()];
        return db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO identity.audit (actor, dialect, action, gallery, people, faces, trace)
             VALUES ({Actor}, {dialect}, {action}, {gallery},
                     ARRAY(SELECT uuid FROM identity.people WHERE uuid = ANY({named}) ORDER BY id FOR KEY SHARE),
                     ARRAY(SELECT uuid FROM identity.faces WHERE id = ANY({faceIds}) ORDER BY id FOR KEY SHARE), {Trace})
             """,
            cancellationToken);
    }

    /// <summary>Until the transaction ends.</summary>
    private Task<int> AllowAsync(CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT set_config({Forgetting}, 'on', true)", cancellationToken);
}
