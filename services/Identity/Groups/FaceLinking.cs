using System.Numerics.Tensors;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Groups;

/// <summary>
/// Remembers which faces are alike. An unidentified face is linked to the unidentified faces nearest to it, and to the nearest of those that have a
/// person: the first make groups, the second tell which people may be the same. Every face is linked to the nearest of all, which may be duplicates.
/// </summary>
internal sealed class FaceLinking(IdentityDb db, IFaceIndex index)
{
    private const int Nearest = 32;
    private const int NearestIdentified = 8;

    /// <summary>Of all faces, whoever's they are: what duplicates are found by.</summary>
    public const int NearestOfAll = 16;

    // A person photographed in bursts has more than 32 faces that are nearer than the next burst. The search goes on, and of what it finds keeps the
    // links without which two faces might no longer hang together.
    private const int MostLooked = 1024;
    private const int MostKept = 64;

    // So many are searched for at once: they share the reading of the index.
    private const int Portion = 64;

    // Reaches down to the floor for all but a person of many faces, so that one search says everything about most faces.
    private const int MostNear = 2 * Nearest;

    /// <summary>
    /// Has faces that the index holds linked to those like them, and grouped. It is noted here, as part of the caller's transaction, and done by
    /// <see cref="GroupWorker"/>, so that it does not hold up a photo and no crash loses it. Repeated, it does nothing new.
    /// </summary>
    public Task NoteAsync(IReadOnlyCollection<long> faceIds, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO identity.group_changes (face_id, gallery_id)
             SELECT id, gallery_id FROM identity.faces WHERE id = ANY({faceIds}) ORDER BY id
             ON CONFLICT (face_id) DO UPDATE SET gallery_id = excluded.gallery_id
             """,
            cancellationToken);

    /// <summary>Links faces as they are now.</summary>
    /// <param name="galleryId">Of all of them.</param>
    /// <param name="faceIds">Those to link; the others of the gallery are only linked to them.</param>
    /// <param name="recogniser">Whose embeddings are compared.</param>
    /// <param name="cancellationToken">The process stops.</param>
    public async Task WriteAsync(long galleryId, IReadOnlyCollection<long> faceIds, Recogniser recogniser, CancellationToken cancellationToken)
    {
        foreach (var portion in faceIds.Order().Chunk(Portion))
        {
            var faces = await (
                from embedding in db.Embeddings.AsNoTracking()
                join face in db.Faces on embedding.FaceId equals face.Id
                where portion.Contains(face.Id) && embedding.Recogniser == recogniser.Name
                orderby face.Id
                select new Probe(face.Id, face.PersonId != null, embedding.Vector)).ToListAsync(cancellationToken);
            var links = new Dictionary<(long A, long B), float>();
            void Add(long face, Neighbour neighbour) =>
                links[(Math.Min(face, neighbour.FaceId), Math.Max(face, neighbour.FaceId))] = neighbour.Cosine;

            var near = await NearAsync(galleryId, faces, recogniser, cancellationToken);
            foreach (var (face, neighbours) in await LinkableAsync(galleryId, near, identified: true, NearestIdentified, recogniser, cancellationToken))
            {
                neighbours.Take(NearestIdentified).ToList().ForEach(neighbour => Add(face.Id, neighbour));
            }

            var open = near.Where(one => !one.Face.Identified).ToList();
            foreach (var (face, neighbours) in await LinkableAsync(galleryId, open, identified: false, MostLooked, recogniser, cancellationToken))
            {
                foreach (var neighbour in await KeptAsync(neighbours, recogniser, cancellationToken))
                {
                    Add(face.Id, neighbour);
                }
            }

            foreach (var (face, neighbours, _) in near)
            {
                neighbours.Take(NearestOfAll).ToList().ForEach(neighbour => Add(face.Id, neighbour));
            }

            float[] reach = [.. near.Select(one => one.Neighbours.Count > NearestOfAll
                ? one.Neighbours[NearestOfAll].Cosine
                : GroupThreshold.Floor(recogniser.Calibration))];
            await InsertAsync(recogniser, links, cancellationToken);
            long[] ids = [.. faces.Select(face => face.Id)];
            await db.Database.ExecuteSqlAsync(
                $"""
                 UPDATE identity.embeddings SET linked_from = searched.cosine FROM unnest({ids}, {reach}) AS searched (face_id, cosine)
                 WHERE embeddings.face_id = searched.face_id AND recogniser = {recogniser.Name}
                 """,
                cancellationToken);
        }
    }

    /// <summary>The nearest of all faces above the floor, whoever's they are.</summary>
    private async Task<List<Near>> NearAsync(long galleryId, IReadOnlyList<Probe> faces, Recogniser recogniser, CancellationToken cancellationToken)
    {
        var floor = GroupThreshold.Floor(recogniser.Calibration);
        var answers = await index.SearchAsync(
            recogniser.Name, [.. faces.Select(face => new FaceEmbedding(face.Vector))], MostNear + 1, new IndexFilter(galleryId), cancellationToken);
        return [.. faces.Zip(answers, (face, neighbours) =>
            new Near(face, Others(face, neighbours, floor), neighbours.Count <= MostNear || neighbours[^1].Cosine < floor))];
    }

    /// <summary>The neighbours of each face above the floor, the nearest first, without itself; of those without a person only unidentified ones.</summary>
    private async Task<IReadOnlyList<(Probe Face, List<Neighbour> Neighbours)>> LinkableAsync(
        long galleryId, IReadOnlyList<Near> near, bool identified, int most, Recogniser recogniser, CancellationToken cancellationToken)
    {
        var found = near.Where(one => one.IsAll)
            .Select(one => (one.Face, Neighbours: one.Neighbours.Where(neighbour => neighbour.PersonId is not null == identified).ToList())).ToList();
        var floor = GroupThreshold.Floor(recogniser.Calibration);
        var filter = new IndexFilter(galleryId, Identified: identified);
        List<Probe> pending = [.. near.Where(one => !one.IsAll).Select(one => one.Face)];
        for (var limit = Math.Min(most, MostNear) + 1; pending.Count > 0; limit *= 4)
        {
            var answers = await index.SearchAsync(
                recogniser.Name, [.. pending.Select(face => new FaceEmbedding(face.Vector))], limit, filter, cancellationToken);
            var all = pending.Zip(answers).ToList();
            bool IsDone(IReadOnlyList<Neighbour> neighbours) => limit > most || neighbours.Count < limit || neighbours[^1].Cosine < floor;
            found.AddRange(all.Where(pair => IsDone(pair.Second)).Select(pair => (pair.First, Others(pair.First, pair.Second, floor))));
            pending = [.. all.Where(pair => !IsDone(pair.Second)).Select(pair => pair.First)];
        }

        // The index is a moment behind at times, and does not know marks and proposals.
        var ids = found.SelectMany(pair => pair.Neighbours).Select(neighbour => neighbour.FaceId).Distinct().ToArray();
        var asWanted = identified
            ? db.Faces.Where(face => face.PersonId != null)
            : db.Faces.Where(face => face.PhotoId != null && face.PersonId == null && face.ProposedPersonId == null && face.Mark == FaceMark.None);
        var wanted = (await asWanted.Where(face => face.GalleryId == galleryId && ids.Contains(face.Id)).Select(face => face.Id)
            .ToListAsync(cancellationToken)).ToHashSet();
        return [.. found.Select(pair => (pair.Face, pair.Neighbours.Where(neighbour => wanted.Contains(neighbour.FaceId)).ToList()))];
    }

    /// <summary>
    /// The nearest, and of the others each that is less like every kept one than like the face itself: the remaining ones hang together with it through
    /// a kept one by two links that are both stronger, so that at every threshold the same faces hang together with or without theirs.
    /// </summary>
    private async Task<List<Neighbour>> KeptAsync(List<Neighbour> neighbours, Recogniser recogniser, CancellationToken cancellationToken)
    {
        if (neighbours.Count <= Nearest)
        {
            return neighbours;
        }

        var ids = neighbours.Select(neighbour => neighbour.FaceId).ToArray();
        var vectors = await db.Embeddings.Where(embedding => embedding.Recogniser == recogniser.Name && ids.Contains(embedding.FaceId))
            .AsNoTracking().ToDictionaryAsync(embedding => embedding.FaceId, embedding => embedding.Vector, cancellationToken);
        neighbours.RemoveAll(neighbour => !vectors.ContainsKey(neighbour.FaceId));
        var kept = neighbours.Take(Nearest).ToList();
        foreach (var neighbour in neighbours.Skip(Nearest))
        {
            var vector = vectors[neighbour.FaceId];
            if (kept.Count < MostKept && kept.All(other => TensorPrimitives.Dot<float>(vectors[other.FaceId], vector) < neighbour.Cosine))
            {
                kept.Add(neighbour);
            }
        }

        return kept;
    }

    private async Task InsertAsync(Recogniser recogniser, Dictionary<(long A, long B), float> links, CancellationToken cancellationToken)
    {
        long[] a = [.. links.Keys.Select(pair => pair.A)];
        long[] b = [.. links.Keys.Select(pair => pair.B)];
        float[] cosines = [.. links.Values];

        // The locks keep faces from being deleted between the look and the insert.
        await db.Database.ExecuteSqlAsync(
            $"""
             WITH present AS (
                 SELECT id FROM identity.faces WHERE id = ANY({a}) OR id = ANY({b}) ORDER BY id FOR KEY SHARE
             )
             INSERT INTO identity.face_links (recogniser, face_a, face_b, cosine)
             SELECT {recogniser.Name}, link.a, link.b, link.cosine FROM unnest({a}, {b}, {cosines}) AS link (a, b, cosine)
             WHERE link.a IN (SELECT id FROM present) AND link.b IN (SELECT id FROM present)
             ORDER BY link.a, link.b
             ON CONFLICT (recogniser, face_a, face_b) DO UPDATE SET cosine = excluded.cosine WHERE face_links.cosine <> excluded.cosine
             """,
            cancellationToken);
    }

    private static List<Neighbour> Others(Probe face, IReadOnlyList<Neighbour> neighbours, float floor) =>
        [.. neighbours.Where(neighbour => neighbour.FaceId != face.Id && neighbour.Cosine >= floor)];

    /// <param name="Face">The face.</param>
    /// <param name="Neighbours">Its nearest, without itself.</param>
    /// <param name="IsAll">There are no more above the floor.</param>
    private sealed record Near(Probe Face, List<Neighbour> Neighbours, bool IsAll);

    private sealed record Probe(long Id, bool Identified, float[] Vector);
}
