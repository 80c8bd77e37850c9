using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.VectorSearch.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FaceCloud.VectorSearch.Tests;

/// <summary>An embedded index over a folder, and short forms of its calls.</summary>
internal sealed class TestIndex(string folder, int compactAfter = 4096) : IAsyncDisposable
{
    public const string Recogniser = "test";
    public const long Gallery = 7;

    public static readonly IndexFilter Everything = new(Gallery);

    public EmbeddedFaceIndex Index { get; } = new(
        Options.Create(new VectorSearchOptions { Path = folder, CompactAfter = compactAfter }), NullLogger<EmbeddedFaceIndex>.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static string LogOf(string folder) => Path.Combine(folder, Recogniser, "faces.log");

    public static IndexedFace Face(long id, float[] vector, long? person = null, long? album = null, long gallery = Gallery) =>
        new(id, gallery, person, album, new FaceEmbedding(vector));

    public Task UpsertAsync(params IndexedFace[] faces) => Index.UpsertAsync(Recogniser, faces, Cancel);

    public Task DeleteAsync(params long[] ids) => Index.DeleteAsync(Recogniser, ids, Cancel);

    public async Task<IReadOnlyList<Neighbour>> SearchAsync(float[] probe, int limit, IndexFilter? filter = null) =>
        (await Index.SearchAsync(Recogniser, [new FaceEmbedding(probe)], limit, filter ?? Everything, Cancel))[0];

    public Task<long> CountAsync(IndexFilter? filter = null) => Index.CountAsync(Recogniser, filter ?? Everything, Cancel);

    public Task<bool> NeedsRebuildAsync() => Index.NeedsRebuildAsync(Recogniser, Cancel);

    public Task<long> RebuildAsync(IAsyncEnumerable<IndexedFace> faces) => Index.RebuildAsync(Recogniser, faces, Cancel);

    /// <summary>The index holds exactly these faces, found with their tags and the right cosines.</summary>
    public async Task HoldsAsync(IReadOnlyCollection<IndexedFace> faces)
    {
        Assert.Equal(faces.Count(face => face.GalleryId == Gallery), await CountAsync());
        var probe = Vectors.Random(new Random(99), faces.FirstOrDefault()?.Embedding.Vector.Length ?? 64);
        Assert.Equal(FullScan.Search(faces, probe, faces.Count + 1, Everything), await SearchAsync(probe, faces.Count + 1));
    }

    public ValueTask DisposeAsync() => Index.DisposeAsync();
}
