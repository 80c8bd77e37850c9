using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Reembedding;

/// <summary>
/// The last step of a change of the recogniser: what the former one said goes, in one transaction. The indices follow by notes, as after every
/// change; so a crash right after the commit leaves nothing of the former recogniser on the disk for longer than until the next start.
/// </summary>
internal sealed class RecogniserSwitch(IdentityDb db, IndexSync indexSync)
{
    // Of one statement: it may touch a million rows.
    private static readonly TimeSpan Limit = TimeSpan.FromHours(1);

    /// <summary>Whether anything of another recogniser is left to remove.</summary>
    public async Task<bool> IsDueAsync(string recogniser, CancellationToken cancellationToken) =>
        await db.Embeddings.AnyAsync(
            other => other.Recogniser != recogniser
                && (!other.LeftBehind || db.Embeddings.Any(own => own.FaceId == other.FaceId && own.Recogniser == recogniser)),
            cancellationToken)
        || await db.FaceLinks.AnyAsync(link => link.Recogniser != recogniser, cancellationToken);

    /// <param name="recogniser">The new one.</param>
    /// <param name="leftBehind">Faces it cannot embed; they keep what they have.</param>
    /// <param name="cancellationToken">Until the commit.</param>
    /// <returns>How many strangers were forgotten, of whom no picture is kept.</returns>
    public async Task<int> RunAsync(string recogniser, long[] leftBehind, CancellationToken cancellationToken)
    {
        var others = await db.Embeddings.Where(embedding => embedding.Recogniser != recogniser).Select(embedding => embedding.Recogniser)
            .Distinct().ToListAsync(cancellationToken);
        db.Database.SetCommandTimeout(Limit);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT FROM identity.galleries ORDER BY id FOR NO KEY UPDATE", cancellationToken);
        var forgotten = await ForgetStrangersAsync(recogniser, cancellationToken);
        await DeleteEmbeddingsAsync(recogniser, leftBehind, cancellationToken);
        await ForgetGroupsAsync(recogniser, cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        foreach (var name in others.Prepend(recogniser))
        {
            await indexSync.RebuildAsync(name, CancellationToken.None);
        }

        await indexSync.SweepAsync(TimeSpan.Zero, CancellationToken.None);
        return forgotten;
    }

    private async Task<int> ForgetStrangersAsync(string recogniser, CancellationToken cancellationToken)
    {
        var faces = db.Faces.Where(face => face.StrangerId != null && face.PersonId == null && face.PhotoId == null && face.Portrait == null
            && !face.Embeddings.Any(embedding => embedding.Recogniser == recogniser));
        var ids = await faces.Select(face => face.Id).ToArrayAsync(cancellationToken);
        await indexSync.NoteAsync(ids, cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO identity.group_changes (face_id, gallery_id)
             SELECT id, gallery_id FROM identity.faces WHERE id = ANY({ids}) ON CONFLICT (face_id) DO NOTHING
             """,
            cancellationToken);
        await db.LedgerChanges.Where(change => ids.Contains(change.FaceId!.Value)).ExecuteDeleteAsync(cancellationToken);
        await db.Faces.Where(face => ids.Contains(face.Id)).ExecuteDeleteAsync(cancellationToken);
        return await db.Strangers.Where(stranger => stranger.Faces.Count == 0).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task DeleteEmbeddingsAsync(string recogniser, long[] leftBehind, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"""
             WITH former AS (
                 DELETE FROM identity.embeddings other
                 WHERE recogniser <> {recogniser}
                   AND EXISTS (SELECT FROM identity.embeddings own WHERE own.face_id = other.face_id AND own.recogniser = {recogniser})
                 RETURNING face_id, recogniser
             )
             INSERT INTO identity.index_changes (face_id, recogniser) SELECT face_id, recogniser FROM former ORDER BY face_id
             ON CONFLICT (face_id, recogniser) DO UPDATE SET changed_at = now()
             """,
            cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
             UPDATE identity.embeddings SET left_behind = NOT left_behind
             WHERE CASE WHEN left_behind THEN recogniser = {recogniser} ELSE recogniser <> {recogniser} AND face_id = ANY({leftBehind}) END
             """,
            cancellationToken);
    }

    /// <summary>Groups are of one recogniser's links. All faces are noted, and grouped anew by the next server.</summary>
    private async Task ForgetGroupsAsync(string recogniser, CancellationToken cancellationToken)
    {
        await db.FaceLinks.Where(link => link.Recogniser != recogniser).ExecuteDeleteAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"UPDATE identity.faces SET group_id = NULL WHERE group_id IS NOT NULL", cancellationToken);
        await db.FaceGroups.ExecuteDeleteAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO identity.group_changes (face_id, gallery_id) SELECT id, gallery_id FROM identity.faces ORDER BY id
             ON CONFLICT (face_id) DO NOTHING
             """,
            cancellationToken);
    }
}
