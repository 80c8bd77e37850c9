using System.Numerics.Tensors;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Quality;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Analytics;

/// <summary>Remembers faces that nobody has named, across requests and restarts, each of them once.</summary>
internal sealed class Strangers(
    IFaceIndex index, IFaceEmbedder embedder, FaceAssessing assessing, IdentityDb db, IndexSync indexSync, Scores scores, ILogger<Strangers> logger)
{
    private const double DefaultThreshold = 0.5;
    private const int Neighbours = 8;

    /// <summary>Counts what was found, and remembers the unknown faces that were not remembered yet.</summary>
    /// <returns>For each face the stranger it is of; null for one with a name.</returns>
    public async Task<Sighting?[]> SeeAsync(string gallery, Recognised recognised, CancellationToken cancellationToken)
    {
        var seen = new Sighting?[recognised.Faces.Count];
        if (seen.Length == 0)
        {
            return seen;
        }

        var galleryId = await db.GalleryIdAsync(gallery, cancellationToken);
        for (var i = 0; i < seen.Length; i++)
        {
            var face = recognised.Faces[i];
            if (face.Known is null)
            {
                seen[i] = await CountAsync(await FindAsync(galleryId, face, recognised.Recogniser, cancellationToken), cancellationToken)
                    ?? await RememberAsync(galleryId, face, recognised, cancellationToken);
            }
        }

        await db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO identity.detection_counts (gallery_id, minute, faces) VALUES ({galleryId}, date_trunc('minute', now()), {seen.LongLength})
             ON CONFLICT (gallery_id, minute) DO UPDATE SET faces = detection_counts.faces + excluded.faces
             """,
            cancellationToken);
        return seen;
    }

    /// <summary>Only looks; nothing is counted or remembered.</summary>
    /// <returns>For each face the stranger it is of; null for one with a name and for one never seen.</returns>
    public async Task<Sighting?[]> LookAsync(string gallery, Recognised recognised, CancellationToken cancellationToken)
    {
        var seen = new Sighting?[recognised.Faces.Count];
        if (await db.FindGalleryAsync(gallery, cancellationToken) is { } galleryId)
        {
            for (var i = 0; i < seen.Length; i++)
            {
                seen[i] = recognised.Faces[i].Known is null
                    ? await FindAsync(galleryId, recognised.Faces[i], recognised.Recogniser, cancellationToken)
                    : null;
            }
        }

        return seen;
    }

    /// <summary>
    /// Forgets those whom these faces show: they have a name now. After the commit that named them; what goes wrong here leaves a stranger
    /// counted, and takes nothing back.
    /// </summary>
    public async Task ForgetAsync(long galleryId, IReadOnlyCollection<long> named)
    {
        try
        {
            if (named.Count > 0 && await db.Strangers.AnyAsync(stranger => stranger.GalleryId == galleryId))
            {
                await using var transaction = await db.Database.BeginTransactionAsync();
                var faces = await RemoveAsync(await LikeAsync(galleryId, named), CancellationToken.None);
                await transaction.CommitAsync();
                await indexSync.FollowAsync(faces);
            }
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "Of {Count} faces that were named it is not known whether they were remembered as strangers", named.Count);
        }
    }

    /// <summary>Those who are as like one of these faces as another photo of them would be.</summary>
    public async Task<long[]> LikeAsync(long galleryId, IReadOnlyCollection<long> named)
    {
        var recogniser = (await embedder.EmbedAsync([], CancellationToken.None)).Recogniser;
        var vectors = await db.Embeddings.Where(e => e.Recogniser == recogniser.Name && named.Contains(e.FaceId)).Select(e => e.Vector).ToListAsync();
        var remembered =
            from row in db.Faces
            join embedding in db.Embeddings on row.Id equals embedding.FaceId
            where row.GalleryId == galleryId && row.StrangerId != null && embedding.Recogniser == recogniser.Name
            select new { row.Id, StrangerId = row.StrangerId!.Value, embedding.Vector };
        var threshold = scores.Threshold(null, DefaultThreshold, await remembered.LongCountAsync(), recogniser.Calibration);
        var ids = named.ToHashSet();
        var shown = new HashSet<long>();
        await foreach (var face in remembered.AsNoTracking().AsAsyncEnumerable())
        {
            if (ids.Contains(face.Id)
                || vectors.Exists(vector => scores.Of(TensorPrimitives.Dot(vector, face.Vector), recogniser.Calibration) >= threshold))
            {
                shown.Add(face.StrangerId);
            }
        }

        return [.. shown];
    }

    /// <summary>Deletes strangers and the faces kept for them; part of the caller's transaction.</summary>
    /// <returns>These faces, which the index has to follow.</returns>
    public async Task<long[]> RemoveAsync(long[] strangers, CancellationToken cancellationToken)
    {
        var faces = db.Faces.Where(face => strangers.Contains(face.StrangerId!.Value));

        // Kept for the stranger only. A face that somebody got stays with them.
        var faceIds = await faces.Where(face => face.PersonId == null).Select(face => face.Id).ToArrayAsync(cancellationToken);
        await indexSync.NoteAsync(faceIds, cancellationToken);
        await faces.Where(face => face.PersonId == null).ExecuteDeleteAsync(cancellationToken);
        await faces.ExecuteUpdateAsync(face => face.SetProperty(f => f.StrangerId, (long?)null), cancellationToken);
        await db.Strangers.Where(stranger => strangers.Contains(stranger.Id)).ExecuteDeleteAsync(cancellationToken);
        return faceIds;
    }

    /// <summary>
    /// The stranger most like a face. Faces of photos that nobody has named may be nearer, hundreds of them: the search grows until it meets a
    /// stranger's, or what it meets is no longer near enough.
    /// </summary>
    private async Task<Sighting?> FindAsync(long galleryId, RecognisedFace face, Recogniser recogniser, CancellationToken cancellationToken)
    {
        // Only remembered faces count for the guard: no other could be taken for a stranger.
        var remembered = await db.Faces.LongCountAsync(row => row.GalleryId == galleryId && row.StrangerId != null && row.PersonId == null, cancellationToken);
        if (remembered == 0)
        {
            return null;
        }

        var threshold = scores.Threshold(null, DefaultThreshold, remembered, recogniser.Calibration);
        var filter = new IndexFilter(galleryId, Identified: false);
        for (var limit = Neighbours; ; limit *= 4)
        {
            var found = (await index.SearchAsync(recogniser.Name, [face.Embedding], limit, filter, cancellationToken))[0];
            var faceIds = found.Select(neighbour => neighbour.FaceId).ToArray();
            var strangers = await (
                from row in db.Faces
                join stranger in db.Strangers on row.StrangerId equals stranger.Id
                where faceIds.Contains(row.Id)
                select new { row.Id, Stranger = stranger }).AsNoTracking().ToDictionaryAsync(row => row.Id, row => row.Stranger, cancellationToken);
            var nearest = found.FirstOrDefault(neighbour => strangers.ContainsKey(neighbour.FaceId));
            if (strangers.TryGetValue(nearest.FaceId, out var known))
            {
                return Judge(known, nearest.Cosine, threshold, recogniser);
            }

            if (found.Count < limit || scores.Of(found[^1].Cosine, recogniser.Calibration) < threshold)
            {
                return null;
            }
        }
    }

    /// <summary>One more sighting of somebody remembered; null if there is nobody, or nobody any more.</summary>
    private async Task<Sighting?> CountAsync(Sighting? sighting, CancellationToken cancellationToken)
    {
        var updated = sighting is null ? 0 : await db.Strangers.Where(stranger => stranger.Id == sighting.Stranger.Id).ExecuteUpdateAsync(
            stranger => stranger
                .SetProperty(s => s.DetectionCount, s => s.DetectionCount + 1)
                .SetProperty(s => s.LastSeen, DateTime.UtcNow),
            cancellationToken);
        return updated == 1 ? sighting : null;
    }

    /// <summary>
    /// Remembers a face. Requests that see the same new face at the same time come here together: one at a time they enter, and each looks
    /// again, also at what the one before has stored and the index does not hold yet.
    /// </summary>
    private async Task<Sighting> RememberAsync(long galleryId, RecognisedFace face, Recognised recognised, CancellationToken cancellationToken)
    {
        var assessment = (await assessing.TryAsync([face.Face], cancellationToken))[0];
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended('strangers', {galleryId}))", cancellationToken);
        var sighting = await CountAsync(
            await FindUnindexedAsync(galleryId, face, recognised.Recogniser, cancellationToken)
                ?? await FindAsync(galleryId, face, recognised.Recogniser, cancellationToken),
            cancellationToken);
        if (sighting is not null)
        {
            await transaction.CommitAsync(cancellationToken);
            return sighting;
        }

        var now = DateTime.UtcNow;
        var stranger = new Stranger { GalleryId = galleryId, FirstSeen = now, LastSeen = now, DetectionCount = 1 };
        db.Strangers.Add(stranger);
        await db.SaveChangesAsync(cancellationToken);
        var row = FaceRow.Of(
            galleryId, face.Face, recognised.Detector, recognised.Recogniser.Name, face.Embedding, strangerId: stranger.Id, assessment: assessment);
        db.Faces.Add(row);
        await db.SaveChangesAsync(cancellationToken);
        await indexSync.NoteAsync([row.Id], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await indexSync.FollowAsync([row.Id]);
        return new Sighting(stranger, null, 0, recognised.Threshold);
    }

    private async Task<Sighting?> FindUnindexedAsync(long galleryId, RecognisedFace face, Recogniser recogniser, CancellationToken cancellationToken)
    {
        var recent = await (
            from change in db.IndexChanges
            join row in db.Faces on change.FaceId equals row.Id
            join stranger in db.Strangers on row.StrangerId equals stranger.Id
            join embedding in db.Embeddings on row.Id equals embedding.FaceId
            where row.GalleryId == galleryId && embedding.Recogniser == recogniser.Name && change.Recogniser == recogniser.Name
            select new { Stranger = stranger, embedding.Vector }).AsNoTracking().ToListAsync(cancellationToken);
        var threshold = scores.Threshold(null, DefaultThreshold, recent.Count, recogniser.Calibration);
        return recent
            .Select(row => Judge(row.Stranger, TensorPrimitives.Dot(row.Vector, face.Embedding.Vector.Span), threshold, recogniser))
            .Where(sighting => sighting is not null)
            .MaxBy(sighting => sighting!.Cosine);
    }

    private Sighting? Judge(Stranger stranger, double cosine, double threshold, Recogniser recogniser)
    {
        var score = scores.Of(cosine, recogniser.Calibration);
        return score >= threshold ? new Sighting(stranger, cosine, score, threshold) : null;
    }
}

/// <param name="Stranger">Who it is.</param>
/// <param name="Cosine">Of the face with the one remembered; null at the first sight.</param>
/// <param name="Score">Of that cosine; 0 at the first sight.</param>
/// <param name="Threshold">The one that was applied, as a score.</param>
internal sealed record Sighting(Stranger Stranger, double? Cosine, double Score, double Threshold)
{
    /// <summary>The analytics dialect's id.</summary>
    public string Alias => Stranger.Alias;
}
