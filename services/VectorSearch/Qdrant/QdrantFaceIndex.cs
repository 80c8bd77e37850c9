using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using static FaceCloud.VectorSearch.Qdrant.QdrantCollections;
using static FaceCloud.VectorSearch.Qdrant.QdrantServer;

namespace FaceCloud.VectorSearch.Qdrant;

/// <summary>
/// The index in a Qdrant server, for any number of processes at once. Cosines are exact, what is found is nearly all there is: a search goes through
/// codes of a byte for each dimension and computes the cosines of twice as many faces as asked for from their vectors.
/// </summary>
internal sealed class QdrantFaceIndex(QdrantServer server, QdrantCollections collections) : IFaceIndex
{
    // As JSON, 512 dimensions are about 6 KB.
    private const int VectorsAtOnce = 256;
    private const int IdsAtOnce = 10_000;

    // How many faces a search looks at on its way through the graph, at least; the graph's own word for it is ef.
    private const int Breadth = 256;
    private const double Oversampling = 2;

    private const int Attempts = 5;

    /// <summary>Before it, a server does not know what a rebuild needs, and does not say so.</summary>
    public static readonly Version Oldest = new(1, 17);

    public async Task UpsertAsync(string recogniser, IReadOnlyList<IndexedFace> faces, CancellationToken cancellationToken)
    {
        // Of two with one id the last one wins.
        var points = faces.Reverse().DistinctBy(face => face.FaceId).Select(FacePoint.Of).ToArray();
        foreach (var portion in points.Chunk(VectorsAtOnce))
        {
            await ChangeAsync(
                () => collections.EnsureAsync(recogniser, cancellationToken),
                collection => server.UpsertAsync(collection, portion, insertOnly: false, cancellationToken),
                collection => server.UpsertAsync(collection, portion, insertOnly: false, cancellationToken));
        }
    }

    public async Task DeleteAsync(string recogniser, IReadOnlyList<long> faceIds, CancellationToken cancellationToken)
    {
        // What cannot be there need not be removed.
        foreach (var portion in faceIds.Where(id => id >= 0).Distinct().Chunk(IdsAtOnce))
        {
            await ChangeAsync(
                () => collections.FindAsync(recogniser, cancellationToken),
                collection => server.DeleteAsync(collection, portion, cancellationToken),
                async collection =>
                {
                    foreach (var removed in portion.Chunk(VectorsAtOnce))
                    {
                        await server.UpsertAsync(collection, removed.Select(FacePoint.RemovedOf), insertOnly: false, cancellationToken);
                    }
                });
        }
    }

    public async Task<IReadOnlyList<IReadOnlyList<Neighbour>>> SearchAsync(
        string recogniser, IReadOnlyList<FaceEmbedding> probes, int limit, IndexFilter filter, CancellationToken cancellationToken)
    {
        if (limit < 1)
        {
            throw new FailureException(Failure.InvalidRequest, $"The limit is {limit}; at least one neighbour has to be asked for.");
        }

        foreach (var probe in probes)
        {
            FacePoint.Check(probe.Vector.Span, "The probe");
        }

        // Qdrant sets aside room for as many as are asked for.
        limit = limit <= 1024 ? limit : (int)Math.Min(limit, Math.Max(1, await CountAsync(recogniser, filter, cancellationToken)));
        var found = new List<IReadOnlyList<Neighbour>>(probes.Count);
        foreach (var portion in probes.Chunk(VectorsAtOnce))
        {
            var searches = portion.Select(probe => new
            {
                Query = probe.Vector,
                Filter = FacePoint.FilterOf(filter),
                Limit = limit,
                Params = new { HnswEf = Math.Max(Breadth, limit), Quantization = new { Rescore = true, Oversampling } },
                WithPayload = new[] { FacePoint.Person },
            });
            found.AddRange(await UnlessMissingAsync(
                async () => (await server.SearchAsync(collections.Alias(recogniser), searches, cancellationToken)).Select(InOrder),
                portion.Select(_ => (IReadOnlyList<Neighbour>)[])));
        }

        return found;
    }

    public Task<long> CountAsync(string recogniser, IndexFilter filter, CancellationToken cancellationToken) =>
        UnlessMissingAsync(() => server.CountAsync(collections.Alias(recogniser), FacePoint.FilterOf(filter), cancellationToken), 0L);

    public async Task<long> RebuildAsync(string recogniser, IAsyncEnumerable<IndexedFace> faces, CancellationToken cancellationToken)
    {
        if (await server.VersionAsync(cancellationToken) is var version && version < Oldest)
        {
            throw new FailureException(Failure.Unavailable, $"The vector database is Qdrant {version}; {Oldest} is the oldest that will do.");
        }

        var next = await collections.BeginAsync(recogniser, cancellationToken);
        try
        {
            // What changes meanwhile is there before the stream or overwrites it; either way the stream does not overwrite what changed.
            await foreach (var portion in faces.Chunk(VectorsAtOnce).WithCancellation(cancellationToken))
            {
                var points = portion.Reverse().DistinctBy(face => face.FaceId).Select(FacePoint.Of).ToArray();
                await server.UpsertAsync(next, points, insertOnly: true, cancellationToken);
            }

            await collections.SwitchAsync(recogniser, next, cancellationToken);

            // Nobody puts any there from now on but who looked for the places before; such a one stays and is found by no search.
            await server.DeleteAsync(next, FacePoint.AllRemoved, cancellationToken);
            return await server.CountAsync(next, new Filter([]), cancellationToken);
        }
        catch (CollectionGoneException e)
        {
            throw new FailureException(Failure.Unavailable, "The index was rebuilt by another process at the same time; try again.", e);
        }
        catch
        {
            await collections.AbandonAsync(recogniser, next, CancellationToken.None);
            throw;
        }
    }

    private static IReadOnlyList<Neighbour> InOrder(IReadOnlyList<ScoredPoint> points) =>
        [.. points.Select(FacePoint.NeighbourOf).OrderByDescending(neighbour => neighbour.Cosine).ThenBy(neighbour => neighbour.FaceId)];

    /// <summary>A recogniser none of whose faces were ever put here has no collection.</summary>
    private static async Task<T> UnlessMissingAsync<T>(Func<Task<T>> read, T none)
    {
        try
        {
            return await read();
        }
        catch (CollectionGoneException)
        {
            return none;
        }
    }

    /// <summary>
    /// Changes the live collection and the one that is being built. Whoever changes a face has committed that to the database before, so a rebuild that
    /// begins after these were looked up reads what is changed here.
    /// </summary>
    private static async Task ChangeAsync(Func<Task<Places>> find, Func<string, Task> changeLive, Func<string, Task> changeNext)
    {
        for (var attempt = 1; ; attempt++)
        {
            var places = await find();
            try
            {
                if (places.Next is not null)
                {
                    await changeNext(places.Next);
                }

                if (places.Live is not null)
                {
                    await changeLive(places.Live);
                }

                return;
            }
            catch (CollectionGoneException e)
            {
                // A rebuild ended or failed since they were looked up: the change is made again where it belongs now.
                if (attempt == Attempts)
                {
                    throw new FailureException(Failure.Unavailable, "The vector database keeps changing places; try again.", e);
                }
            }
        }
    }
}
