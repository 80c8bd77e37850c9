using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FaceCloud.Identity.Groups;

/// <summary>
/// Groups the unidentified faces of a gallery, every one of them in exactly one group, a lonely one in its own. Only what hangs together with a
/// noted face is worked out anew. That is read and computed without locks; then, under the lock that decisions take, it is looked whether any face
/// has changed meanwhile, and the groups are written together with the removal of the notes. A crash before leaves the notes.
/// </summary>
internal sealed class Grouping(IdentityDb db, FaceLinking linking, IFaceEmbedder embedder, IOptions<GroupOptions> options)
{
    private const int Batch = 5000;

    // Somebody who decides about the same faces all the time is not raced against for ever; the worker comes again.
    private const int Attempts = 5;

    /// <summary>Brings the groups of a gallery up to date. One process at a time; another leaves it to that one.</summary>
    public Task CatchUpAsync(long galleryId, CancellationToken cancellationToken) => db.TryAloneAsync(
        "groups",
        galleryId,
        async () =>
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                switch (await PassAsync(galleryId, cancellationToken))
                {
                    case Outcome.Done:
                        return;
                    case Outcome.MoreNoted:
                        attempt = 0;
                        break;
                }
            }
        },
        cancellationToken);

    private async Task<Outcome> PassAsync(long galleryId, CancellationToken cancellationToken)
    {
        var recogniser = (await embedder.EmbedAsync([], cancellationToken)).Recogniser;
        var notes = await NotesAsync(galleryId, recogniser, cancellationToken);
        if (notes.Count == 0)
        {
            return Outcome.Done;
        }

        var open = notes.Where(note => note.IsOpen).ToList();
        var left = notes.Where(note => note is { IsPresent: true, IsOpen: false, GroupId: not null }).ToList();
        var shrunk = notes.All(note => note.IsPresent) ? [] : await ShrunkAsync(galleryId, cancellationToken);

        // Where a face has gone, those around it look for each other again: what linked them may have been that face.
        long[] touched = [.. notes.Select(note => note.GroupId).OfType<long>().Concat(shrunk.Select(group => group.Id)).Distinct()];
        long[] bereaved = [.. left.Select(note => note.GroupId!.Value).Concat(shrunk.Select(group => group.Id)).Distinct()];
        var around = await AroundAsync(recogniser, [.. left.Select(note => note.FaceId)], bereaved, cancellationToken);
        var neverLinked = notes.Where(note => note is { HasEmbedding: true, IsOpen: false, IsLinked: false });
        await linking.WriteAsync(
            galleryId, [.. open.Concat(neverLinked).Select(note => note.FaceId).Concat(around).Distinct()], recogniser, cancellationToken);

        var before = await db.FaceGroups.Where(group => group.GalleryId == galleryId).SumAsync(group => (long)group.Faces, cancellationToken);
        var after = before + open.Count(note => note.GroupId is null) - left.Count - shrunk.Sum(group => group.Missing);
        var level = GroupThreshold.Level(after);
        var threshold = GroupThreshold.Cosine(level, recogniser.Calibration);
        var all = before == 0 || level != GroupThreshold.Level(before);
        var graph = all
            ? await WholeAsync(galleryId, recogniser, threshold, cancellationToken)
            : await ReachAsync(recogniser, threshold, [.. open.Select(note => note.FaceId), .. around], touched, cancellationToken);
        var groups = await GroupAsync(graph, threshold, recogniser, cancellationToken);
        return await WriteAsync(galleryId, notes, groups, all ? null : touched, cancellationToken)
            ? notes.Count == Batch ? Outcome.MoreNoted : Outcome.Done
            : Outcome.Changed;
    }

    /// <summary>Faces that have come, gone or been decided about, as they are now. One that the index has still to follow waits for that.</summary>
    private Task<List<Note>> NotesAsync(long galleryId, Recogniser recogniser, CancellationToken cancellationToken) =>
        db.Database.SqlQuery<Note>(
            $"""
             SELECT change.face_id AS "FaceId", change.xmin::text::bigint AS "Version", face.id IS NOT NULL AS "IsPresent", face.group_id AS "GroupId",
                    COALESCE(face.photo_id IS NOT NULL AND face.person_id IS NULL AND face.proposed_person_id IS NULL AND face.mark = 0, false)
                        AS "IsUnidentified",
                    embedding.face_id IS NOT NULL AS "HasEmbedding",
                    embedding.linked_from IS NOT NULL AS "IsLinked"
             FROM identity.group_changes change
             LEFT JOIN identity.faces face ON face.id = change.face_id
             LEFT JOIN identity.embeddings embedding ON embedding.face_id = face.id AND embedding.recogniser = {recogniser.Name}
             WHERE change.gallery_id = {galleryId}
               AND NOT EXISTS (SELECT FROM identity.index_changes waiting WHERE waiting.face_id = change.face_id)
             ORDER BY change.face_id LIMIT {Batch}
             """).ToListAsync(cancellationToken);

    /// <summary>Groups some of whose faces are deleted: nothing else tells where those were.</summary>
    private Task<List<Shrunk>> ShrunkAsync(long galleryId, CancellationToken cancellationToken) =>
        db.Database.SqlQuery<Shrunk>(
            $"""
             SELECT faces.id AS "Id", faces.faces - count(face.id)::int AS "Missing"
             FROM identity.face_groups faces LEFT JOIN identity.faces face ON face.group_id = faces.id
             WHERE faces.gallery_id = {galleryId} GROUP BY faces.id, faces.faces HAVING count(face.id) <> faces.faces
             """).ToListAsync(cancellationToken);

    /// <summary>The unidentified faces that were in a group with faces that left, or linked to one.</summary>
    private async Task<List<long>> AroundAsync(Recogniser recogniser, long[] left, long[] groups, CancellationToken cancellationToken) =>
        left.Length + groups.Length == 0
            ? []
            : await db.Database.SqlQuery<long>(
                $"""
                 WITH around AS (
                     SELECT id FROM identity.faces WHERE group_id = ANY({groups})
                     UNION
                     SELECT face_a FROM identity.face_links WHERE recogniser = {recogniser.Name} AND face_b = ANY({left})
                     UNION
                     SELECT face_b FROM identity.face_links WHERE recogniser = {recogniser.Name} AND face_a = ANY({left})
                 )
                 SELECT face.id AS "Value" FROM around JOIN identity.faces face ON face.id = around.id
                 WHERE face.photo_id IS NOT NULL AND face.person_id IS NULL AND face.proposed_person_id IS NULL AND face.mark = 0
                   AND EXISTS (SELECT FROM identity.embeddings e WHERE e.face_id = face.id AND e.recogniser = {recogniser.Name})
                 """).ToListAsync(cancellationToken);

    /// <summary>All unidentified faces of a gallery, after the threshold has changed for all of them.</summary>
    private async Task<Graph> WholeAsync(long galleryId, Recogniser recogniser, float threshold, CancellationToken cancellationToken)
    {
        var faces = await db.Database.SqlQuery<long>(
            $"""
             SELECT face.id AS "Value" FROM identity.faces face
             JOIN identity.embeddings e ON e.face_id = face.id AND e.recogniser = {recogniser.Name}
             WHERE face.gallery_id = {galleryId} AND face.photo_id IS NOT NULL AND face.person_id IS NULL AND face.proposed_person_id IS NULL AND face.mark = 0
             """).ToListAsync(cancellationToken);
        var graph = new Graph(faces);
        var links = db.Database.SqlQuery<LinkRow>(
            $"""
             SELECT link.face_a AS "A", link.face_b AS "B", link.cosine AS "Cosine" FROM identity.face_links link
             JOIN identity.faces face ON face.id = link.face_a AND face.gallery_id = {galleryId}
             WHERE link.recogniser = {recogniser.Name} AND link.cosine >= {threshold}
             """).AsAsyncEnumerable();
        await foreach (var link in links.WithCancellation(cancellationToken))
        {
            graph.Add(link);
        }

        return graph;
    }

    /// <summary>What hangs together with some faces, and with the faces that were grouped with those.</summary>
    private async Task<Graph> ReachAsync(
        Recogniser recogniser, float threshold, HashSet<long> from, long[] groups, CancellationToken cancellationToken)
    {
        var reached = new HashSet<long>();
        var links = new List<LinkRow>();
        var seenGroups = new HashSet<long>();
        long[] frontier = [.. from];
        var newGroups = groups;
        while (frontier.Length + newGroups.Length > 0)
        {
            seenGroups.UnionWith(newGroups);
            var next = await db.Database.SqlQuery<Step>(
                $"""
                 WITH links AS (
                     SELECT face_a, face_b, cosine FROM identity.face_links
                     WHERE recogniser = {recogniser.Name} AND face_a = ANY({frontier}) AND cosine >= {threshold}
                     UNION ALL
                     SELECT face_b, face_a, cosine FROM identity.face_links
                     WHERE recogniser = {recogniser.Name} AND face_b = ANY({frontier}) AND cosine >= {threshold}
                 )
                 SELECT face.id AS "FaceId", face.group_id AS "GroupId", link.face_a AS "FromId", link.cosine AS "Cosine"
                 FROM links link JOIN identity.faces face ON face.id = link.face_b
                 WHERE face.photo_id IS NOT NULL AND face.person_id IS NULL AND face.proposed_person_id IS NULL AND face.mark = 0
                 UNION ALL
                 SELECT face.id, face.group_id, NULL, NULL FROM identity.faces face
                 WHERE (face.id = ANY({frontier}) OR face.group_id = ANY({newGroups}))
                   AND face.photo_id IS NOT NULL AND face.person_id IS NULL AND face.proposed_person_id IS NULL AND face.mark = 0
                   AND EXISTS (SELECT FROM identity.embeddings e WHERE e.face_id = face.id AND e.recogniser = {recogniser.Name})
                 """).ToListAsync(cancellationToken);

            // A link comes from each of its ends; the first one counts it.
            links.AddRange(next.Where(step => step.FromId < step.FaceId).Select(step => new LinkRow(step.FromId!.Value, step.FaceId, step.Cosine!.Value)));
            reached.UnionWith(frontier);
            frontier = [.. next.Select(step => step.FaceId).Where(face => !reached.Contains(face)).Distinct()];
            newGroups = [.. next.Select(step => step.GroupId).OfType<long>().Where(group => !seenGroups.Contains(group)).Distinct()];
        }

        var graph = new Graph(reached);
        links.ForEach(graph.Add);
        return graph;
    }

    private async Task<List<FoundGroup>> GroupAsync(Graph graph, float threshold, Recogniser recogniser, CancellationToken cancellationToken)
    {
        var groups = new List<FoundGroup>();
        foreach (var part in LinkComponents.Split(graph.Faces.Count, [.. graph.Links], threshold, options.Value.MaxFaces))
        {
            cancellationToken.ThrowIfCancellationRequested();
            long[] ids = [.. part.Select(face => graph.Faces[face])];
            if (ids.Length == 1)
            {
                groups.Add(new FoundGroup(ids, 1));
                continue;
            }

            var vectors = await db.Embeddings.Where(embedding => embedding.Recogniser == recogniser.Name && ids.Contains(embedding.FaceId))
                .OrderBy(embedding => embedding.FaceId).AsNoTracking().ToListAsync(cancellationToken);
            var first = AverageLinkage.Group([.. vectors.Select(embedding => embedding.Vector)], threshold);
            groups.AddRange(vectors.Zip(first).GroupBy(pair => pair.Second, pair => pair.First).Select(group =>
                new FoundGroup([.. group.Select(embedding => embedding.FaceId)], AverageLinkage.Cohesion([.. group.Select(embedding => embedding.Vector)]))));
        }

        return groups;
    }

    /// <returns>False if a face is no longer what it was when the work began: nothing is written.</returns>
    private async Task<bool> WriteAsync(
        long galleryId, List<Note> notes, List<FoundGroup> groups, long[]? touched, CancellationToken cancellationToken)
    {
        long[] faces = [.. groups.SelectMany(group => group.Faces)];
        long[] groupOfFace = [.. groups.SelectMany(group => group.Faces.Select(_ => group.Id))];
        long[] noted = [.. notes.Select(note => note.FaceId)];
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT id FROM identity.galleries WHERE id = {galleryId} FOR NO KEY UPDATE", cancellationToken);
        var now = await db.Database.SqlQuery<FaceNow>(
            $"""
             SELECT id AS "Id", group_id AS "GroupId",
                    photo_id IS NOT NULL AND person_id IS NULL AND proposed_person_id IS NULL AND mark = 0 AS "IsUnidentified"
             FROM identity.faces WHERE id = ANY({faces}) OR id = ANY({noted}) ORDER BY id FOR NO KEY UPDATE
             """).ToDictionaryAsync(face => face.Id, cancellationToken);
        var grouped = faces.ToHashSet();
        if (!faces.All(face => now.TryGetValue(face, out var state) && state.IsUnidentified)
            || notes.Any(note => now.TryGetValue(note.FaceId, out var state) != note.IsPresent || (state?.IsUnidentified ?? false) != note.IsUnidentified))
        {
            return false;
        }

        long[] ungrouped = [.. notes.Where(note => note.IsPresent && !grouped.Contains(note.FaceId)).Select(note => note.FaceId)];
        await db.Database.ExecuteSqlAsync(
            $"""
             UPDATE identity.faces face SET group_id = now.group_id FROM unnest({faces}, {groupOfFace}) AS now (id, group_id)
             WHERE face.id = now.id AND face.group_id IS DISTINCT FROM now.group_id
             """,
            cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"UPDATE identity.faces SET group_id = NULL WHERE id = ANY({ungrouped}) AND group_id IS NOT NULL", cancellationToken);

        long[] ids = [.. groups.Select(group => group.Id)];
        int[] counts = [.. groups.Select(group => group.Faces.Length)];
        float[] cohesions = [.. groups.Select(group => group.Cohesion)];
        if (touched is null)
        {
            await db.FaceGroups.Where(group => group.GalleryId == galleryId).ExecuteDeleteAsync(cancellationToken);
        }
        else
        {
            long[] replaced = [.. now.Values.Select(face => face.GroupId).OfType<long>().Concat(touched).Concat(ids).Distinct()];
            await db.FaceGroups.Where(group => replaced.Contains(group.Id)).ExecuteDeleteAsync(cancellationToken);
        }

        await db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO identity.face_groups (id, gallery_id, faces, cohesion)
             SELECT id, {galleryId}, faces, cohesion FROM unnest({ids}, {counts}, {cohesions}) AS found (id, faces, cohesion)
             """,
            cancellationToken);

        // A note that was written again meanwhile is another version, and stays.
        long[] versions = [.. notes.Select(note => note.Version)];
        await db.Database.ExecuteSqlAsync(
            $"""
             DELETE FROM identity.group_changes change USING unnest({noted}, {versions}) AS done (face_id, version)
             WHERE change.face_id = done.face_id AND change.xmin::text::bigint = done.version
             """,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private enum Outcome
    {
        Done,
        MoreNoted,
        Changed,
    }

    /// <summary>Faces numbered by ascending id, and the links among them.</summary>
    private sealed class Graph
    {
        private readonly Dictionary<long, int> _numbers;

        public Graph(IEnumerable<long> faces)
        {
            Faces = [.. faces.Order()];
            _numbers = Faces.Select((face, number) => (face, number)).ToDictionary(pair => pair.face, pair => pair.number);
        }

        public List<long> Faces { get; }

        public List<Link> Links { get; } = [];

        /// <summary>Passes over a link to a face that is not among these.</summary>
        public void Add(LinkRow link)
        {
            if (_numbers.TryGetValue(link.A, out var a) && _numbers.TryGetValue(link.B, out var b))
            {
                Links.Add(new Link(a, b, link.Cosine));
            }
        }
    }

    private sealed record Note(
        long FaceId, long Version, bool IsPresent, long? GroupId, bool IsUnidentified, bool HasEmbedding, bool IsLinked)
    {
        /// <summary>It is to be in a group. Without an embedding of the network in use there is nothing to compare.</summary>
        public bool IsOpen => IsUnidentified && HasEmbedding;
    }

    private sealed record Shrunk(long Id, int Missing);

    private sealed record LinkRow(long A, long B, float Cosine);

    private sealed record Step(long FaceId, long? GroupId, long? FromId, float? Cosine);

    private sealed record FaceNow(long Id, long? GroupId, bool IsUnidentified);

    /// <param name="Faces">In ascending order.</param>
    /// <param name="Cohesion">Mean cosine of the pairs.</param>
    private sealed record FoundGroup(long[] Faces, float Cohesion)
    {
        public long Id => Faces[0];
    }
}
