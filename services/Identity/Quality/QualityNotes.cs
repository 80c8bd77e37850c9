using FaceCloud.Contracts.Events;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Quality;

/// <summary>Notes for the quality service: it reads and confirms them, see <see cref="FaceDirectory"/>.</summary>
internal static class QualityNotes
{
    /// <summary>Notes faces as changed, and the event that says so; part of the caller's transaction, before they are deleted.</summary>
    public static Task NoteQualityAsync(this IdentityDb db, IReadOnlyCollection<long> faceIds, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
             WITH changed AS (
                 INSERT INTO identity.quality_changes (face_uuid) SELECT uuid FROM identity.faces WHERE id = ANY({faceIds}) ORDER BY id RETURNING id
             )
             INSERT INTO identity.outbox (kind, body)
             SELECT {nameof(FacesChanged)}, json_build_object('Count', count(*))::text FROM changed HAVING count(*) > 0
             """,
            cancellationToken);
}
