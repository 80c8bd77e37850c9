using FaceCloud.Contracts.Faces;

namespace FaceCloud.Contracts.Ports;

/// <summary>
/// Nearest neighbours among embeddings of one recogniser. It holds no truth: identity's database does, and every call here can be
/// repeated. A change has happened, durably, when its task completes; a search started afterwards sees it.
/// </summary>
public interface IFaceIndex
{
    /// <summary>Adds faces, or replaces those whose id is already there (vector and tags).</summary>
    Task UpsertAsync(string recogniser, IReadOnlyList<IndexedFace> faces, CancellationToken cancellationToken);

    /// <summary>Removes faces; ids that are not there are ignored.</summary>
    Task DeleteAsync(string recogniser, IReadOnlyList<long> faceIds, CancellationToken cancellationToken);

    /// <summary>The <paramref name="limit"/> nearest faces of each probe that pass the filter, highest cosine first (equal ones: lower id first).</summary>
    /// <returns>One list for each probe, in order.</returns>
    Task<IReadOnlyList<IReadOnlyList<Neighbour>>> SearchAsync(
        string recogniser, IReadOnlyList<FaceEmbedding> probes, int limit, IndexFilter filter, CancellationToken cancellationToken);

    /// <summary>How many faces pass the filter.</summary>
    Task<long> CountAsync(string recogniser, IndexFilter filter, CancellationToken cancellationToken);

    /// <summary>
    /// Builds a second index from the faces beside the live one and swaps it in when complete. Until then searches see the old one; upserts and
    /// deletes that arrive meanwhile are in both, and win over what the stream says of the same face.
    /// </summary>
    /// <returns>How many faces the new index holds.</returns>
    Task<long> RebuildAsync(string recogniser, IAsyncEnumerable<IndexedFace> faces, CancellationToken cancellationToken);
}

/// <summary>A face in the index and the tags searches filter by.</summary>
public sealed record IndexedFace(long FaceId, long GalleryId, long? PersonId, long? AlbumId, FaceEmbedding Embedding);

/// <param name="GalleryId">Only this gallery: the tenant boundary, never optional.</param>
/// <param name="PersonId">Only faces of this person.</param>
/// <param name="AlbumId">Only faces of this album.</param>
/// <param name="Identified">True: only faces that have a person; false: only those that have none.</param>
public sealed record IndexFilter(long GalleryId, long? PersonId = null, long? AlbumId = null, bool? Identified = null);

public readonly record struct Neighbour(long FaceId, long? PersonId, float Cosine);
