using System.Collections.Concurrent;
using System.Numerics.Tensors;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.Identity.Tests;

/// <summary>An index that a test can look into.</summary>
internal sealed class MemoryIndex : IFaceIndex
{
    private readonly ConcurrentDictionary<(string Recogniser, long FaceId), IndexedFace> _faces = [];

    /// <summary>The faces of a gallery, each with its person.</summary>
    public Dictionary<long, long?> People(long galleryId) =>
        _faces.Values.Where(face => face.GalleryId == galleryId).ToDictionary(face => face.FaceId, face => face.PersonId);

    public Task UpsertAsync(string recogniser, IReadOnlyList<IndexedFace> faces, CancellationToken cancellationToken)
    {
        foreach (var face in faces)
        {
            _faces[(recogniser, face.FaceId)] = face;
        }

        return Task.CompletedTask;
    }

    public Task DeleteAsync(string recogniser, IReadOnlyList<long> faceIds, CancellationToken cancellationToken)
    {
        foreach (var id in faceIds)
        {
            _faces.TryRemove((recogniser, id), out _);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<IReadOnlyList<Neighbour>>> SearchAsync(
        string recogniser, IReadOnlyList<Contracts.Faces.FaceEmbedding> probes, int limit, IndexFilter filter, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<IReadOnlyList<Neighbour>>>([.. probes.Select(probe => (IReadOnlyList<Neighbour>)[.. Passing(recogniser, filter)
            .Select(face => new Neighbour(face.FaceId, face.PersonId, TensorPrimitives.Dot(face.Embedding.Vector.Span, probe.Vector.Span)))
            .OrderByDescending(neighbour => neighbour.Cosine).ThenBy(neighbour => neighbour.FaceId).Take(limit)])]);

    public Task<long> CountAsync(string recogniser, IndexFilter filter, CancellationToken cancellationToken) =>
        Task.FromResult(Passing(recogniser, filter).LongCount());

    public Task<long> RebuildAsync(string recogniser, IAsyncEnumerable<IndexedFace> faces, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    private IEnumerable<IndexedFace> Passing(string recogniser, IndexFilter filter) => _faces
        .Where(pair => pair.Key.Recogniser == recogniser).Select(pair => pair.Value)
        .Where(face => face.GalleryId == filter.GalleryId && (filter.PersonId is null || face.PersonId == filter.PersonId)
            && (filter.Identified is null || face.PersonId is not null == filter.Identified));
}
