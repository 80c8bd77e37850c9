using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity;

/// <summary>What the ledger knows of people who are erased.</summary>
internal static class LedgerTraces
{
    /// <summary>These people and those who were merged into them and are gone.</summary>
    public static Task<long[]> PeopleAsync(IdentityDb db, long[] people, CancellationToken cancellationToken) =>
        db.Database.SqlQuery<long>(
            $"""
             WITH RECURSIVE erased (id) AS (
                 SELECT unnest({people})
                 UNION
                 SELECT other.person_id FROM erased
                 JOIN identity.ledger_changes own ON own.person_id = erased.id
                 JOIN identity.ledger entry ON entry.id = own.entry_id AND entry.action = {LedgerAction.Merge}
                 JOIN identity.ledger_changes other ON other.entry_id = entry.id AND other.face_id IS NULL
                 WHERE other.person_id IS NOT NULL AND NOT EXISTS (SELECT FROM identity.people WHERE people.id = other.person_id)
             )
             SELECT id AS "Value" FROM erased
             """).ToArrayAsync(cancellationToken);

    /// <summary>Their UUIDs.</summary>
    public static Task<Guid[]> UuidsAsync(IdentityDb db, long[] people, CancellationToken cancellationToken) =>
        db.Database.SqlQuery<Guid>(
            $"""
             SELECT uuid AS "Value" FROM identity.people WHERE id = ANY({people})
             UNION
             SELECT (COALESCE(before, after)::jsonb ->> 'uuid')::uuid FROM identity.ledger_changes
             WHERE person_id = ANY({people}) AND face_id IS NULL AND COALESCE(before, after) IS NOT NULL
             """).ToArrayAsync(cancellationToken);

    /// <summary>
    /// Takes people out of the ledger: the changes of them and those that say a face was theirs or may have been, and the reasons of all entries
    /// about them.
    /// </summary>
    /// <returns>How many changes.</returns>
    public static async Task<int> RemoveAsync(IdentityDb db, long[] people, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"""
             UPDATE identity.ledger SET reason = NULL
             WHERE reason IS NOT NULL AND id IN (SELECT entry_id FROM identity.ledger_changes WHERE person_id = ANY({people}))
             """,
            cancellationToken);
        return await db.Database.ExecuteSqlAsync(
            $"""
             WITH entries AS (
                 SELECT DISTINCT entry_id AS id FROM identity.ledger_changes WHERE person_id = ANY({people})
             )
             DELETE FROM identity.ledger_changes change USING entries
             WHERE change.entry_id = entries.id
               AND (change.person_id = ANY({people})
                    OR change.person_id IS NULL
                       AND ((change.before::jsonb ->> 'person_id')::bigint = ANY({people}) OR (change.after::jsonb ->> 'person_id')::bigint = ANY({people})
                            OR (change.before::jsonb ->> 'proposed_person_id')::bigint = ANY({people})
                            OR (change.after::jsonb ->> 'proposed_person_id')::bigint = ANY({people})))
             """,
            cancellationToken);
    }
}
