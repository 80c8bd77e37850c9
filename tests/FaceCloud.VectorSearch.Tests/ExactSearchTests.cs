using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.VectorSearch.Tests;

public class ExactSearchTests
{
    private const int Faces = 5000;

    public static IEnumerable<TheoryDataRow<IndexFilter>> Filters => new IndexFilter[]
    {
        new(TestIndex.Gallery),
        new(TestIndex.Gallery + 1),
        new(TestIndex.Gallery + 2),
        new(TestIndex.Gallery, PersonId: 3),
        new(TestIndex.Gallery, AlbumId: 2),
        new(TestIndex.Gallery, PersonId: 3, AlbumId: 2),
        new(TestIndex.Gallery, Identified: true),
        new(TestIndex.Gallery, Identified: false),
        new(TestIndex.Gallery, PersonId: 3, Identified: false),
    }.Select(filter => new TheoryDataRow<IndexFilter>(filter));

    [Theory, MemberData(nameof(Filters))]
    public Task Random_vectors_give_what_a_full_scan_gives(IndexFilter filter) =>
        EqualsFullScanAsync(random => Vectors.Random(random, 128), filter);

    [Theory, MemberData(nameof(Filters))]
    public Task Clustered_vectors_give_what_a_full_scan_gives(IndexFilter filter)
    {
        var centres = Enumerable.Range(0, 20).Select(seed => Vectors.Of(seed, 100)).ToArray();
        return EqualsFullScanAsync(random => Vectors.Near(centres[random.Next(centres.Length)], 0.01, random), filter);
    }

    [Fact]
    public Task Vectors_that_differ_by_less_than_their_codes_show_give_what_a_full_scan_gives()
    {
        var centre = Vectors.Of(1, 128);
        return EqualsFullScanAsync(random => Vectors.Near(centre, 1e-4, random), TestIndex.Everything);
    }

    [Fact]
    public async Task Equal_vectors_come_lower_id_first()
    {
        using var folder = new TempFolder();
        await using var index = new TestIndex(folder);
        var (twin, other) = (Vectors.Of(1), Vectors.Of(2));
        await index.UpsertAsync([.. new long[] { 9, 4, 12, 1, -3, 7 }.Select(id => TestIndex.Face(id, twin)), TestIndex.Face(0, other)]);

        Assert.Equal([-3, 1, 4], (await index.SearchAsync(twin, 3)).Select(neighbour => neighbour.FaceId));
        Assert.Equal([-3, 1, 4, 7, 9, 12, 0], (await index.SearchAsync(twin, int.MaxValue)).Select(neighbour => neighbour.FaceId));
    }

    [Fact]
    public async Task An_empty_index_finds_nothing()
    {
        using var folder = new TempFolder();
        await using var index = new TestIndex(folder);

        Assert.Empty(await index.SearchAsync(Vectors.Of(1), 10));
        Assert.Equal(0, await index.CountAsync());
        Assert.Empty(Directory.EnumerateDirectories(folder));
    }

    [Fact]
    public async Task A_search_that_is_cancelled_ends()
    {
        using var folder = new TempFolder();
        await using var index = new TestIndex(folder);
        await index.UpsertAsync(TestIndex.Face(1, Vectors.Of(1)));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => index.Index.SearchAsync(
            TestIndex.Recogniser, [new FaceEmbedding(Vectors.Of(1))], 1, TestIndex.Everything, new CancellationToken(canceled: true)));
    }

    private static async Task EqualsFullScanAsync(Func<Random, float[]> vector, IndexFilter filter)
    {
        var random = new Random(5);
        var faces = Enumerable.Range(0, Faces).Select(id => TestIndex.Face(
            id,
            vector(random),
            random.Next(3) == 0 ? null : random.Next(10),
            random.Next(3) == 0 ? null : random.Next(5),
            TestIndex.Gallery + random.Next(2))).ToArray();
        using var folder = new TempFolder();
        await using var index = new TestIndex(folder);
        await index.UpsertAsync(faces);
        Assert.Equal(faces.Count(face => FullScan.Passes(face, filter)), await index.CountAsync(filter));

        // Seven probes: one pass with four of them, then one each.
        var probes = Enumerable.Range(0, 7).Select(i => i == 0 ? faces[0].Embedding.Vector.ToArray() : vector(random)).ToArray();
        foreach (var limit in new[] { 1, 10, 100, Faces * 2 })
        {
            var found = await index.Index.SearchAsync(
                TestIndex.Recogniser, [.. probes.Select(probe => new FaceEmbedding(probe))], limit, filter, TestContext.Current.CancellationToken);
            Assert.Equal(probes.Length, found.Count);
            for (var i = 0; i < probes.Length; i++)
            {
                Assert.Equal(FullScan.Search(faces, probes[i], limit, filter), found[i]);
            }
        }
    }
}
