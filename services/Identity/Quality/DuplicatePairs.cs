using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Groups;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Quality;

/// <summary>
/// The most similar pairs of faces on different photos, exactly, without comparing each with each: every face was searched for once when it came, and
/// linked to those nearest to it. Of two faces that are not linked, the one that was searched for last has nearer ones than the other, and knows how near
/// the farthest of those was (<see cref="Embedding.LinkedFrom"/>). So the links give a first list, and only faces whose links end above the last
/// pair of that list can have better pairs: those are searched for again, and farther.
/// </summary>
internal sealed class DuplicatePairs(IdentityDb db, IFaceIndex index)
{
    private const int Batch = 256;

    // A cosine that was stored and one that was computed from a score may differ by the last bit.
    private const float Rounding = 1e-6f;

    /// <summary>What the answer depends on; a few hundred bytes a second time instead of a search.</summary>
    public async Task<FacesState> StateAsync(long galleryId, CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<FacesState>(
            $"""
             SELECT count(*) AS "Faces",
                    coalesce(bit_xor(hashint8extended(face.id, 2 * coalesce(photo.album_id, 0) + (face.mark = {(int)FaceMark.Invalid})::int)), 0) AS "Digest"
             FROM identity.faces face JOIN identity.photos photo ON photo.id = face.photo_id
             WHERE face.gallery_id = {galleryId} AND NOT EXISTS (SELECT FROM identity.index_changes waiting WHERE waiting.face_id = face.id)
             """).ToListAsync(cancellationToken))[0];

    /// <param name="galleryId">Of the faces.</param>
    /// <param name="scope">The faces that may be in a pair, all of them on photos.</param>
    /// <param name="cosine">From which two are a pair; not below the floor of links.</param>
    /// <param name="limit">How many pairs.</param>
    /// <param name="recogniser">Whose embeddings are compared.</param>
    /// <param name="cancellationToken">The client went away.</param>
    /// <returns>The highest cosine first; of equal ones that of the older faces.</returns>
    public async Task<IReadOnlyList<Pair>> FindAsync(
        long galleryId, IQueryable<Face> scope, double cosine, int limit, Recogniser recogniser, CancellationToken cancellationToken)
    {
        var best = new BestPairs(limit, (float)cosine - Rounding);
        var floor = best.Floor;
        best.Add(await (
            from link in db.FaceLinks
            join a in scope on link.FaceA equals a.Id
            join b in scope on link.FaceB equals b.Id
            where link.Recogniser == recogniser.Name && link.Cosine >= floor && a.PhotoId != b.PhotoId
            orderby link.Cosine descending, link.FaceA, link.FaceB
            select new Pair(link.FaceA, link.FaceB, link.Cosine)).Take(limit).ToListAsync(cancellationToken));

        floor = best.Floor;
        var open = await (
            from face in scope
            join embedding in db.Embeddings on face.Id equals embedding.FaceId
            where embedding.Recogniser == recogniser.Name && !embedding.LeftBehind && (embedding.LinkedFrom == null || embedding.LinkedFrom >= floor)
            orderby embedding.LinkedFrom descending
            select face.Id).ToListAsync(cancellationToken);
        foreach (var batch in open.Chunk(Batch))
        {
            var probes = await db.Embeddings.Where(embedding => embedding.Recogniser == recogniser.Name && batch.Contains(embedding.FaceId))
                .AsNoTracking().ToListAsync(cancellationToken);
            await SearchAsync(galleryId, scope, probes, best, recogniser, cancellationToken);
        }

        return best.Pairs;
    }

    /// <summary>Asks the index for more neighbours of each face until the next one could be in no pair of the list.</summary>
    private async Task SearchAsync(
        long galleryId, IQueryable<Face> scope, List<Embedding> probes, BestPairs best, Recogniser recogniser, CancellationToken cancellationToken)
    {
        for (var limit = 4 * FaceLinking.NearestOfAll; probes.Count > 0; limit *= 4)
        {
            var answers = await index.SearchAsync(
                recogniser.Name, [.. probes.Select(probe => new FaceEmbedding(probe.Vector))], limit, new IndexFilter(galleryId), cancellationToken);
            var near = probes.Zip(answers, (probe, neighbours) => (Face: probe.FaceId, Neighbours: neighbours)).ToList();
            long[] ids = [.. near
                .SelectMany(pair => pair.Neighbours.Where(other => other.Cosine >= best.Floor).Select(other => other.FaceId).Append(pair.Face))
                .Distinct()];
            var photos = await scope.Where(face => ids.Contains(face.Id)).Select(face => new { face.Id, face.PhotoId })
                .ToDictionaryAsync(face => face.Id, face => face.PhotoId, cancellationToken);
            best.Add(
                from face in near
                where photos.ContainsKey(face.Face)
                from other in face.Neighbours
                where other.FaceId != face.Face && photos.TryGetValue(other.FaceId, out var photo) && photo != photos[face.Face]
                select new Pair(Math.Min(face.Face, other.FaceId), Math.Max(face.Face, other.FaceId), other.Cosine));
            probes = [.. probes.Zip(answers).Where(pair => pair.Second.Count == limit && pair.Second[^1].Cosine >= best.Floor).Select(pair => pair.First)];
        }
    }

    /// <summary>The best pairs so far, each once.</summary>
    private sealed class BestPairs(int limit, float floor)
    {
        /// <summary>Below it nothing comes into the list.</summary>
        public float Floor { get; private set; } = floor;

        public List<Pair> Pairs { get; private set; } = [];

        public void Add(IEnumerable<Pair> pairs)
        {
            Pairs = [.. Pairs.Concat(pairs.Where(pair => pair.Cosine >= Floor)).DistinctBy(pair => (pair.A, pair.B))
                .OrderByDescending(pair => pair.Cosine).ThenBy(pair => pair.A).ThenBy(pair => pair.B).Take(limit)];
            if (Pairs.Count == limit)
            {
                Floor = Pairs[^1].Cosine;
            }
        }
    }
}

/// <param name="A">The smaller id.</param>
/// <param name="B">The greater id.</param>
/// <param name="Cosine">Of their embeddings.</param>
internal sealed record Pair(long A, long B, float Cosine);
