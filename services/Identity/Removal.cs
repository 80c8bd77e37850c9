using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity;

/// <summary>Removes people and enrolled faces with everything held on them, for every dialect.</summary>
internal sealed class Removal(IdentityDb db, IndexSync indexSync)
{
    /// <summary>Removes a person and all their faces.</summary>
    /// <returns>False if there is nobody of that name.</returns>
    public async Task<bool> RemovePersonAsync(string gallery, string name, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // Locked first: an enrolment of the same name either is seen here or starts a new person afterwards.
        var person = await db.People.FromSql(
            $"""
             SELECT p.* FROM identity.people p JOIN identity.galleries g ON g.id = p.gallery_id
             WHERE g.name = {gallery} AND p.name = {name} FOR UPDATE OF p
             """).AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (person is null)
        {
            return false;
        }

        var faceIds = await db.Faces.Where(face => face.PersonId == person.Id).Select(face => face.Id).ToArrayAsync(cancellationToken);
        await DeleteAsync(faceIds, cancellationToken);
        await db.People.Where(p => p.Id == person.Id).ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await indexSync.FollowAsync(faceIds);
        return true;
    }

    /// <summary>Removes one enrolled face, and with the last one its person.</summary>
    /// <returns>The person's name, or null if there is no such face.</returns>
    public async Task<string?> RemoveEnrolledFaceAsync(string gallery, Guid uuid, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var person = await db.People.FromSql(
            $"""
             SELECT p.* FROM identity.people p
             JOIN identity.galleries g ON g.id = p.gallery_id
             JOIN identity.faces f ON f.person_id = p.id
             WHERE g.name = {gallery} AND f.uuid = {uuid} AND f.embedding_index IS NOT NULL FOR UPDATE OF p
             """).AsNoTracking().SingleOrDefaultAsync(cancellationToken);

        // Read again under the lock: somebody else may have removed it while this waited.
        var faceIds = await db.Faces.Where(face => face.Uuid == uuid).Select(face => face.Id).ToArrayAsync(cancellationToken);
        if (person is null || faceIds.Length == 0)
        {
            return null;
        }

        await DeleteAsync(faceIds, cancellationToken);
        await db.People.Where(p => p.Id == person.Id && !db.Faces.Any(face => face.PersonId == p.Id)).ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await indexSync.FollowAsync(faceIds);
        return person.Name;
    }

    private async Task DeleteAsync(long[] faceIds, CancellationToken cancellationToken)
    {
        await indexSync.NoteAsync(faceIds, cancellationToken);
        await db.Faces.Where(face => faceIds.Contains(face.Id)).ExecuteDeleteAsync(cancellationToken);
    }
}
