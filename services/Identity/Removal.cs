using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity;

/// <summary>Removes a person and everything held on them, for every dialect.</summary>
internal sealed class Removal(IdentityDb db, IndexSync indexSync)
{
    /// <returns>False if there is nobody of that name.</returns>
    public async Task<bool> RemoveAsync(string gallery, string name, CancellationToken cancellationToken)
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
        await indexSync.NoteAsync(faceIds, cancellationToken);
        await db.Faces.Where(face => face.PersonId == person.Id).ExecuteDeleteAsync(cancellationToken);
        await db.People.Where(p => p.Id == person.Id).ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await indexSync.FollowAsync(faceIds);
        return true;
    }
}
