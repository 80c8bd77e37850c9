using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Quality;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity;

/// <summary>
/// Makes the vector index follow the database. A transaction that changes faces notes them in <c>index_changes</c>; applying a note means
/// reading what the face is now and telling the index that, so it may be repeated and may come late. A crash between the commit and the
/// index leaves the note, and <see cref="IndexSweep"/> takes it up.
/// </summary>
internal sealed class IndexSync(IdentityDb db, IFaceIndex index, ILogger<IndexSync> logger)
{
    private const int Batch = 1000;

    /// <summary>Notes faces as changed, for the quality service, too; part of the caller's transaction, before they are deleted.</summary>
    public async Task NoteAsync(IReadOnlyCollection<long> faceIds, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO identity.index_changes (face_id, recogniser)
             SELECT face_id, recogniser FROM identity.embeddings WHERE face_id = ANY({faceIds}) ORDER BY face_id
             ON CONFLICT (face_id, recogniser) DO UPDATE SET changed_at = now()
             """,
            cancellationToken);
        await db.NoteQualityAsync(faceIds, cancellationToken);
    }

    /// <summary>Applies the notes on these faces at once, after the commit: what was acknowledged is searchable.</summary>
    public async Task FollowAsync(IReadOnlyCollection<long> faceIds)
    {
        try
        {
            // Committed already, so neither a client that goes away nor a failing index takes it back.
            await ApplyAsync(faceIds, CancellationToken.None);
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "The vector index does not follow yet; {Count} changed faces wait for the sweep", faceIds.Count);
        }
    }

    /// <summary>The same for who must be sure of it: on return the index has followed.</summary>
    public Task ApplyAsync(IReadOnlyCollection<long> faceIds, CancellationToken cancellationToken) => ApplyAsync(
        db.IndexChanges.FromSql($"SELECT * FROM identity.index_changes WHERE face_id = ANY({faceIds}) ORDER BY face_id, recogniser FOR UPDATE"),
        cancellationToken);

    /// <summary>Applies what is overdue, in portions, passing over what another process is at.</summary>
    /// <returns>How many notes were applied.</returns>
    public async Task<int> SweepAsync(TimeSpan olderThan, CancellationToken cancellationToken)
    {
        var total = 0;
        int applied;
        do
        {
            applied = await ApplyAsync(
                db.IndexChanges.FromSql(
                    $"""
                     SELECT * FROM identity.index_changes WHERE changed_at <= now() - {olderThan}
                     ORDER BY face_id, recogniser LIMIT {Batch} FOR UPDATE SKIP LOCKED
                     """),
                cancellationToken);
            total += applied;
        }
        while (applied == Batch);

        return total;
    }

    /// <summary>Builds the index of a recogniser anew, from what the database holds. Of several processes one at a time does that, the others wait.</summary>
    /// <returns>How many faces it holds.</returns>
    public async Task<long> RebuildAsync(string recogniser, CancellationToken cancellationToken)
    {
        var total = 0L;
        await db.AloneAsync(
            "index rebuild",
            0,
            async () => total = await index.RebuildAsync(
                recogniser, Indexed(db.Embeddings.Where(e => e.Recogniser == recogniser)).AsAsyncEnumerable(), cancellationToken),
            cancellationToken);
        return total;
    }

    private async Task<int> ApplyAsync(IQueryable<IndexChange> locked, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginRepeatableAsync(cancellationToken);
        var changes = await locked.AsNoTracking().ToListAsync(cancellationToken);
        foreach (var group in changes.GroupBy(change => change.Recogniser))
        {
            var ids = group.Select(change => change.FaceId).ToArray();
            var present = await Indexed(db.Embeddings.Where(e => e.Recogniser == group.Key && ids.Contains(e.FaceId))).ToListAsync(cancellationToken);
            var gone = ids.Except(present.Select(face => face.FaceId)).ToArray();
            if (present.Count > 0)
            {
                await index.UpsertAsync(group.Key, present, cancellationToken);
            }

            if (gone.Length > 0)
            {
                await index.DeleteAsync(group.Key, gone, cancellationToken);
            }

            await db.IndexChanges.Where(c => c.Recogniser == group.Key && ids.Contains(c.FaceId)).ExecuteDeleteAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return changes.Count;
    }

    private IQueryable<IndexedFace> Indexed(IQueryable<Embedding> embeddings) =>
        from embedding in embeddings.AsNoTracking()
        join face in db.Faces on embedding.FaceId equals face.Id
        join photo in db.Photos on face.PhotoId equals (long?)photo.Id into photos
        from photo in photos.DefaultIfEmpty()
        orderby face.Id
        select new IndexedFace(face.Id, face.GalleryId, face.PersonId, photo.AlbumId, new FaceEmbedding(embedding.Vector));
}
