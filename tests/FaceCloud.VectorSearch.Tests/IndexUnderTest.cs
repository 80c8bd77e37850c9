using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.VectorSearch.Qdrant;
using FaceCloud.VectorSearch.Tests.Qdrant;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FaceCloud.VectorSearch.Tests;

public enum IndexKind
{
    Embedded,

    /// <summary>The server that the environment variable FACECLOUD_QDRANT names.</summary>
    Qdrant,

    QdrantDouble,
}

/// <summary>An index of one kind with nothing in it, set up as the services do it, and short forms of its calls.</summary>
internal sealed class IndexUnderTest : IAsyncDisposable
{
    public const string Network = "test/1";

    private readonly TempFolder _folder = new();
    private readonly string _collections = $"test-{Guid.NewGuid():n}";
    private readonly List<IHost> _hosts = [];
    private string? _vectors;

    private IndexUnderTest()
    {
    }

    public IFaceIndex Index { get; private set; } = null!;

    public QdrantDouble? Double { get; private set; }

    public QdrantServer Server => _hosts[0].Services.GetRequiredService<QdrantServer>();

    public QdrantCollections Collections => _hosts[0].Services.GetRequiredService<QdrantCollections>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The test is skipped where there is no such server.</summary>
    public static async Task<IndexUnderTest> StartAsync(IndexKind kind)
    {
        var server = Environment.GetEnvironmentVariable("FACECLOUD_QDRANT");
        Assert.SkipWhen(
            kind == IndexKind.Qdrant && string.IsNullOrEmpty(server),
            "FACECLOUD_QDRANT names no Qdrant server (Endpoint=http://...:6333;Key=...); this test needs one.");
        var started = new IndexUnderTest { _vectors = kind == IndexKind.Qdrant ? server : null };
        if (kind == IndexKind.QdrantDouble)
        {
            started.Double = await QdrantDouble.StartAsync();
            started._vectors = started.Double.ConnectionString;
        }

        started.Index = await started.OpenAsync();
        return started;
    }

    public static IndexedFace Face(long id, long? person = null, long? album = null, long gallery = TestIndex.Gallery, long? seed = null) =>
        TestIndex.Face(id, Vectors.Of(seed ?? id, 512), person, album, gallery);

    /// <summary>The same index as another process sees it.</summary>
    public async Task<IFaceIndex> OpenAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([
            new("ConnectionStrings:vectors", _vectors),
            new("VectorSearch:Path", _folder),
            new("VectorSearch:CollectionPrefix", _collections),
            new("Calls:Retries", "0"),
        ]);
        builder.AddVectorSearch();
        var host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync(Cancel);
        return host.Services.GetRequiredService<IFaceIndex>();
    }

    /// <summary>Whether all that was put into the live collection is in its graph; until then searches also go through what is not.</summary>
    public async Task<bool> IsOptimisedAsync()
    {
        using var http = new HttpClient();
        QdrantAddress.Parse(_vectors!).SetIn(http);
        var live = await http.GetFromJsonAsync<JsonNode>($"collections/{Uri.EscapeDataString(Collections.Alias(Network))}", Cancel);
        return (string?)live!["result"]!["status"] == "green";
    }

    public VectorSnapshots OpenSnapshots() => new(_vectors!, _collections);

    public Task UpsertAsync(params IndexedFace[] faces) => Index.UpsertAsync(Network, faces, Cancel);

    public Task DeleteAsync(params long[] ids) => Index.DeleteAsync(Network, ids, Cancel);

    public Task<long> RebuildAsync(IAsyncEnumerable<IndexedFace> faces) => Index.RebuildAsync(Network, faces, Cancel);

    public Task<long> CountAsync(IndexFilter? filter = null) => Index.CountAsync(Network, filter ?? TestIndex.Everything, Cancel);

    public async Task<IReadOnlyList<Neighbour>> SearchAsync(float[] probe, int limit, IndexFilter? filter = null) =>
        (await Index.SearchAsync(Network, [new FaceEmbedding(probe)], limit, filter ?? TestIndex.Everything, Cancel))[0];

    /// <summary>The index holds exactly these faces, found with their tags and the right cosines.</summary>
    public async Task HoldsAsync(IReadOnlyCollection<IndexedFace> faces)
    {
        Assert.Equal(faces.Count(face => face.GalleryId == TestIndex.Gallery), await CountAsync());
        var probe = Vectors.Of(99, 512);
        AssertSame(FullScan.Search(faces, probe, faces.Count + 1, TestIndex.Everything), await SearchAsync(probe, faces.Count + 1));
    }

    /// <summary>The same faces with the same people, in the same order; servers add in another order, so cosines are alike to five digits.</summary>
    public static void AssertSame(IReadOnlyList<Neighbour> expected, IReadOnlyList<Neighbour> found)
    {
        Assert.Equal(expected.Select(neighbour => (neighbour.FaceId, neighbour.PersonId)), found.Select(neighbour => (neighbour.FaceId, neighbour.PersonId)));
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First.Cosine, pair.Second.Cosine, 1e-5f));
    }

    public async ValueTask DisposeAsync()
    {
        if (_vectors is not null && Double is null)
        {
            foreach (var name in await Server.CollectionsAsync(CancellationToken.None))
            {
                if (name.StartsWith(_collections, StringComparison.Ordinal))
                {
                    await Server.DeleteCollectionAsync(name, CancellationToken.None);
                }
            }
        }

        foreach (var host in _hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }

        if (Double is not null)
        {
            await Double.DisposeAsync();
        }

        _folder.Dispose();
    }
}
