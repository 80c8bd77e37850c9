using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using static FaceCloud.VectorSearch.Tests.IndexUnderTest;

namespace FaceCloud.VectorSearch.Tests;

/// <summary>What every index does, wherever it keeps its vectors.</summary>
public class ContractTests
{
    private static readonly IndexedFace[] Old = [.. Enumerable.Range(1, 5).Select(id => Face(id))];
    private static readonly IndexedFace[] New = [.. Enumerable.Range(3, 600).Select(id => Face(id, seed: id + 10_000))];

    public static TheoryData<IndexKind> Kinds => [IndexKind.Embedded, IndexKind.Qdrant, IndexKind.QdrantDouble];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Kinds))]
    public async Task An_index_without_faces_finds_none(IndexKind kind)
    {
        await using var index = await StartAsync(kind);
        Assert.Empty(await index.SearchAsync(Vectors.Of(1, 512), 10));
        Assert.Equal(0, await index.CountAsync());
        await index.DeleteAsync(1);
        await index.UpsertAsync();
        Assert.Equal(0, await index.CountAsync());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task An_upsert_replaces_vector_and_tags(IndexKind kind)
    {
        await using var index = await StartAsync(kind);
        await index.UpsertAsync(Face(1, person: 5, album: 6), Face(2), Face(3, gallery: TestIndex.Gallery + 1));
        await index.UpsertAsync(Face(1, seed: 3), Face(3, gallery: TestIndex.Gallery + 1, person: 9));

        await index.HoldsAsync([Face(1, seed: 3), Face(2)]);
        Assert.Equal(0, await index.CountAsync(new IndexFilter(TestIndex.Gallery, PersonId: 5)));
        Assert.Equal(1, await index.CountAsync(new IndexFilter(TestIndex.Gallery + 1, PersonId: 9)));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task The_last_of_two_faces_with_one_id_wins(IndexKind kind)
    {
        await using var index = await StartAsync(kind);
        await index.UpsertAsync(Face(1), Face(1, seed: 2));
        await index.HoldsAsync([Face(1, seed: 2)]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_delete_removes_and_ignores_ids_that_are_not_there(IndexKind kind)
    {
        await using var index = await StartAsync(kind);
        await index.UpsertAsync(Face(1), Face(2));
        await index.DeleteAsync(2, 2, 77);
        await index.HoldsAsync([Face(1)]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Any_filter_and_limit_give_what_a_full_scan_gives(IndexKind kind)
    {
        var random = new Random(5);
        var faces = Enumerable.Range(0, 600).Select(id => TestIndex.Face(
            id,
            Vectors.Random(random, 512),
            random.Next(3) == 0 ? null : random.Next(10),
            random.Next(3) == 0 ? null : random.Next(5),
            TestIndex.Gallery + random.Next(2))).ToArray();
        await using var index = await StartAsync(kind);
        await index.UpsertAsync(faces);
        var probes = Enumerable.Range(0, 5).Select(i => i == 0 ? faces[0].Embedding.Vector.ToArray() : Vectors.Random(random, 512)).ToArray();
        foreach (var filter in ExactSearchTests.Filters.Select(row => row.Data))
        {
            Assert.Equal(faces.Count(face => FullScan.Passes(face, filter)), await index.CountAsync(filter));
            foreach (var limit in new[] { 1, 10, 2000 })
            {
                var found = await index.Index.SearchAsync(Network, [.. probes.Select(probe => new FaceEmbedding(probe))], limit, filter, Cancel);
                Assert.Equal(probes.Length, found.Count);
                Assert.All(probes.Zip(found), pair => AssertSame(FullScan.Search(faces, pair.First, limit, filter), pair.Second));
            }
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task What_cannot_be_compared_is_refused_and_changes_nothing(IndexKind kind)
    {
        await using var index = await StartAsync(kind);
        await index.UpsertAsync(Face(1));
        float[] tooLong = [.. Vectors.Of(2, 512).Select(value => value * 2)];
        foreach (var wrong in new[] { Vectors.Of(2, 64), tooLong, [.. Enumerable.Repeat(float.NaN, 512)] })
        {
            Assert.Equal(
                Failure.InvalidRequest,
                (await Assert.ThrowsAsync<FailureException>(() => index.UpsertAsync(Face(3), TestIndex.Face(2, wrong)))).Failure);
            Assert.Equal(Failure.InvalidRequest, (await Assert.ThrowsAsync<FailureException>(() => index.SearchAsync(wrong, 1))).Failure);
        }

        Assert.Equal(Failure.InvalidRequest, (await Assert.ThrowsAsync<FailureException>(() => index.SearchAsync(Vectors.Of(1, 512), 0))).Failure);
        await index.HoldsAsync([Face(1)]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_rebuilt_index_is_seen_when_it_is_complete_and_not_before(IndexKind kind)
    {
        await using var index = await StartAsync(kind);
        await index.UpsertAsync(Old);
        Assert.Equal(New.Length, await index.RebuildAsync(Stream(New, after: () => index.HoldsAsync(Old))));
        await index.HoldsAsync(New);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Changes_made_during_a_rebuild_are_in_both_and_win_over_the_stream(IndexKind kind)
    {
        await using var index = await StartAsync(kind);
        await index.UpsertAsync(Old);
        var count = await index.RebuildAsync(Stream(
            New,
            before: async () =>
            {
                await index.DeleteAsync(5);
                await index.UpsertAsync(Face(4, seed: 77));
            },
            after: async () =>
            {
                await index.DeleteAsync(10);
                await index.UpsertAsync(Face(11, seed: 78), Face(9999, seed: 79));
                await index.HoldsAsync([.. Old[..3], Face(4, seed: 77), Face(11, seed: 78), Face(9999, seed: 79)]);
            }));

        Assert.Equal(New.Length - 1, count);
        await index.HoldsAsync([.. New.Where(face => face.FaceId is not (4 or 5 or 10 or 11)), Face(4, seed: 77), Face(11, seed: 78), Face(9999, seed: 79)]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_rebuild_that_fails_leaves_the_old_index_and_another_works(IndexKind kind)
    {
        await using var index = await StartAsync(kind);
        await index.UpsertAsync(Old);
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => index.RebuildAsync(Stream(New, after: () => throw new InvalidOperationException("the stream broke"))));
        await Assert.ThrowsAsync<FailureException>(() => index.RebuildAsync(new[] { New[0], TestIndex.Face(9, Vectors.Of(9, 32)) }.ToAsyncEnumerable()));
        await index.HoldsAsync(Old);

        Assert.Equal(New.Length, await index.RebuildAsync(New.ToAsyncEnumerable()));
        await index.HoldsAsync(New);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_rebuild_from_nothing_empties_the_index(IndexKind kind)
    {
        await using var index = await StartAsync(kind);
        await index.UpsertAsync(Old);
        Assert.Equal(0, await index.RebuildAsync(AsyncEnumerable.Empty<IndexedFace>()));
        await index.HoldsAsync([]);
        await index.UpsertAsync(Face(1));
        await index.HoldsAsync([Face(1)]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_rebuild_is_the_first_thing_an_index_may_see(IndexKind kind)
    {
        await using var index = await StartAsync(kind);
        Assert.Equal(New.Length + 2, await index.RebuildAsync(Stream(New, after: () => index.UpsertAsync(Old))));
        await index.HoldsAsync([.. Old, .. New.Where(face => face.FaceId > 5)]);
    }

    // The faces, and something that happens before and after them.
    private static async IAsyncEnumerable<IndexedFace> Stream(IndexedFace[] faces, Func<Task>? before = null, Func<Task>? after = null)
    {
        await (before?.Invoke() ?? Task.CompletedTask);
        foreach (var face in faces)
        {
            yield return face;
        }

        await (after?.Invoke() ?? Task.CompletedTask);
    }
}
