using FaceCloud.Contracts.Ports;

namespace FaceCloud.VectorSearch.Tests;

/// <summary>The plainest search there is: every cosine in full, sorted. What the index has to equal.</summary>
internal static class FullScan
{
    public static IReadOnlyList<Neighbour> Search(IEnumerable<IndexedFace> faces, float[] probe, int limit, IndexFilter filter) =>
        [.. faces
            .Where(face => Passes(face, filter))
            .Select(face => new Neighbour(face.FaceId, face.PersonId, Cosine(face.Embedding.Vector.Span, probe)))
            .OrderByDescending(neighbour => neighbour.Cosine)
            .ThenBy(neighbour => neighbour.FaceId)
            .Take(limit)];

    public static bool Passes(IndexedFace face, IndexFilter filter) =>
        face.GalleryId == filter.GalleryId
        && (filter.PersonId is null || face.PersonId == filter.PersonId)
        && (filter.AlbumId is null || face.AlbumId == filter.AlbumId)
        && (filter.Identified is null || face.PersonId is not null == filter.Identified);

    private static float Cosine(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var sum = 0.0;
        for (var i = 0; i < left.Length; i++)
        {
            sum += (double)left[i] * right[i];
        }

        return (float)sum;
    }
}
