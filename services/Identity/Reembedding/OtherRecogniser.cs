using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Reembedding;

/// <summary>A recogniser that is not loaded, though faces are known by it alone.</summary>
/// <param name="Name">In the model registry.</param>
/// <param name="Faces">How many.</param>
internal sealed record OtherRecogniser(string Name, long Faces)
{
    /// <summary>The one with the most faces that are not embedded with the loaded recogniser, nor left behind on purpose; null if there is none.</summary>
    public static async Task<OtherRecogniser?> FindAsync(IdentityDb db, string loaded, CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<OtherRecogniser>(
            $"""
             SELECT recogniser AS "Name", count(*) AS "Faces" FROM identity.embeddings other
             WHERE recogniser <> {loaded} AND NOT left_behind
               AND NOT EXISTS (SELECT FROM identity.embeddings own WHERE own.face_id = other.face_id AND own.recogniser = {loaded})
             GROUP BY recogniser ORDER BY count(*) DESC, recogniser LIMIT 1
             """).ToListAsync(cancellationToken)).SingleOrDefault();
}
