using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Reembedding;

/// <summary>
/// Changes the recogniser of everything that is stored: embeds each face again from the picture that is kept of it, and then lets go of what the
/// former recogniser said. Each batch is a transaction and what is to be done is read from the database, so it may end anywhere and is simply begun
/// again. Until the last step the former recogniser serves as before.
/// </summary>
internal sealed class Reembedder(IdentityDb db, IFaceEmbedder embedder, SecondLook secondLook, IndexSync indexSync, RecogniserSwitch recogniserSwitch)
{
    private const int Batch = 16;

    /// <param name="found">Told once how many faces there are to embed.</param>
    /// <param name="advanced">Told after each batch how many were in it.</param>
    /// <param name="cancellationToken">What is done stays.</param>
    public async Task<ReembeddingReport> RunAsync(Action<long> found, Action<int> advanced, CancellationToken cancellationToken)
    {
        await db.Database.MigrateAsync(cancellationToken);
        var recogniser = (await embedder.EmbedAsync([], cancellationToken)).Recogniser.Name;
        found(await PendingFace.CountAsync(db, recogniser, cancellationToken));
        var (embedded, leftBehind, last) = (0L, new List<FaceLeftBehind>(), 0L);
        while (await PendingFace.ReadAsync(db, recogniser, last, Batch, cancellationToken) is { Count: > 0 } faces)
        {
            var seen = await LookAsync(faces, cancellationToken);
            embedded += await StoreAsync(recogniser, [.. seen.Where(face => face.Embedding is not null)], cancellationToken);
            leftBehind.AddRange(seen.Where(face => face.Embedding is null).Select(face => new FaceLeftBehind(face.FaceId, face.Reason!)));
            last = faces[^1].Id;
            advanced(faces.Count);
        }

        var forgotten = await recogniserSwitch.IsDueAsync(recogniser, cancellationToken)
            ? await recogniserSwitch.RunAsync(recogniser, [.. leftBehind.Select(face => face.FaceId)], cancellationToken)
            : (int?)null;
        return new ReembeddingReport(recogniser, embedded, [.. leftBehind.OrderBy(face => face.FaceId)], forgotten ?? 0, forgotten is not null);
    }

    /// <summary>Picture by picture, so that one with many faces is decoded once; several at a time.</summary>
    private async Task<IReadOnlyList<SeenAgain>> LookAsync(IReadOnlyList<PendingFace> faces, CancellationToken cancellationToken)
    {
        var pictures = faces.GroupBy(face => face.Picture ?? $"face {face.Id}").Select(picture => picture.ToList()).ToList();
        var seen = new IReadOnlyList<SeenAgain>[pictures.Count];
        await Parallel.ForAsync(
            0, pictures.Count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            async (i, stop) => seen[i] = await secondLook.EmbedAsync(pictures[i], stop));
        return [.. seen.SelectMany(picture => picture)];
    }

    private async Task<int> StoreAsync(string recogniser, IReadOnlyList<SeenAgain> seen, CancellationToken cancellationToken)
    {
        if (seen.Count == 0)
        {
            return 0;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        long[] ids = [.. seen.Select(face => face.FaceId)];

        // A database of its own may serve others meanwhile, who delete faces.
        var present = (await db.Database.SqlQuery<long>(
            $"""SELECT id AS "Value" FROM identity.faces WHERE id = ANY({ids}) ORDER BY id FOR KEY SHARE""").ToListAsync(cancellationToken)).ToHashSet();
        db.Embeddings.AddRange(seen.Where(face => present.Contains(face.FaceId)).Select(face => new Data.Embedding
        {
            FaceId = face.FaceId,
            Recogniser = recogniser,
            Vector = face.Embedding!.Vector.ToArray(),
        }));
        await db.SaveChangesAsync(cancellationToken);
        db.ChangeTracker.Clear();
        await db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO identity.index_changes (face_id, recogniser)
             SELECT face_id, recogniser FROM identity.embeddings WHERE face_id = ANY({ids}) AND recogniser = {recogniser} ORDER BY face_id
             ON CONFLICT (face_id, recogniser) DO UPDATE SET changed_at = now()
             """,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await indexSync.FollowAsync(ids);
        return present.Count;
    }
}
