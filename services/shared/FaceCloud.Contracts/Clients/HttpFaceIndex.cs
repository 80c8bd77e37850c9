using System.Runtime.CompilerServices;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Frames;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.Contracts.Clients;

/// <summary>The vector-search service as a port.</summary>
/// <param name="http">Its base address is the service's.</param>
public sealed class HttpFaceIndex(HttpClient http) : IFaceIndex
{
    // Vectors of 512 floats are 2 KB: 2 MB and their tags.
    private const int VectorsAtOnce = 1024;
    private const int IdsAtOnce = 100_000;

    private readonly ServiceConnection _index = new(http, ServiceNames.VectorSearch);

    public async Task UpsertAsync(string recogniser, IReadOnlyList<IndexedFace> faces, CancellationToken cancellationToken)
    {
        foreach (var portion in Portions.Of(faces, VectorsAtOnce))
        {
            await _index.CallAsync(
                InternalRoutes.IndexUpsert, IndexedFacesFrame.Of(recogniser, portion), (Frame<DoneFrame> done) => done, cancellationToken);
        }
    }

    public async Task DeleteAsync(string recogniser, IReadOnlyList<long> faceIds, CancellationToken cancellationToken)
    {
        foreach (var portion in Portions.Of(faceIds, IdsAtOnce))
        {
            await _index.CallAsync(
                InternalRoutes.IndexDelete, new Frame<DeleteFrame>(new(recogniser, portion)), (Frame<DoneFrame> done) => done, cancellationToken);
        }
    }

    public async Task<IReadOnlyList<IReadOnlyList<Neighbour>>> SearchAsync(
        string recogniser, IReadOnlyList<FaceEmbedding> probes, int limit, IndexFilter filter, CancellationToken cancellationToken)
    {
        var found = new List<IReadOnlyList<Neighbour>>(probes.Count);
        foreach (var portion in Portions.Of(probes, VectorsAtOnce))
        {
            found.AddRange(await _index.CallAsync(
                InternalRoutes.IndexSearch, SearchFrame.Of(recogniser, portion, limit, filter),
                (Frame<NeighboursFrame> answer) => NeighboursFrame.Read(answer, portion.Count), cancellationToken));
        }

        return found;
    }

    public Task<long> CountAsync(string recogniser, IndexFilter filter, CancellationToken cancellationToken) =>
        _index.CallAsync(
            InternalRoutes.IndexCount, new Frame<CountFrame>(new(recogniser, filter)), (Frame<TotalFrame> answer) => answer.Metadata.Faces, cancellationToken);

    public Task<long> RebuildAsync(string recogniser, IAsyncEnumerable<IndexedFace> faces, CancellationToken cancellationToken) =>
        _index.CallAsync(
            InternalRoutes.IndexRebuild, InPortionsAsync(recogniser, faces, cancellationToken),
            (Frame<TotalFrame> answer) => answer.Metadata.Faces, cancellationToken);

    /// <summary>The first frame may be empty and comes at once: it names the recogniser, and the index starts before the source has its first faces.</summary>
    private static async IAsyncEnumerable<Frame<IndexedFacesFrame>> InPortionsAsync(
        string recogniser, IAsyncEnumerable<IndexedFace> faces, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return IndexedFacesFrame.Of(recogniser, []);
        await foreach (var portion in faces.Chunk(VectorsAtOnce).WithCancellation(cancellationToken))
        {
            yield return IndexedFacesFrame.Of(recogniser, portion);
        }
    }
}
