using FaceCloud.Contracts.Ports;
using FaceCloud.VectorSearch.Embedded;

namespace FaceCloud.VectorSearch.Tests;

public class ConcurrencyTests
{
    private const int Stable = 200;
    private const int Writers = 3;

    [Fact]
    public async Task Searches_see_a_consistent_state_while_faces_are_replaced_rebuilt_and_compacted()
    {
        using var folder = new TempFolder();
        await using var index = new TestIndex(folder, compactAfter: 100);
        IndexedFace[] stable = [.. Enumerable.Range(0, Stable).Select(id => TestIndex.Face(id, Vectors.Of(id)))];
        await index.UpsertAsync(stable);
        for (var writer = 0; writer < Writers; writer++)
        {
            await index.UpsertAsync(Changing(writer, 0));
        }

        var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var version = 1; version <= 150; version++)
            {
                await index.UpsertAsync(Changing(writer, version));
                await index.UpsertAsync(TestIndex.Face(5000 + writer, Vectors.Of(version)));
                await index.DeleteAsync(5000 + writer);
            }
        })).ToArray();
        var allWritten = Task.WhenAll(writing);
        var searching = Enumerable.Range(0, 2).Select(searcher => Task.Run(async () =>
        {
            for (var i = searcher; !allWritten.IsCompleted; i++)
            {
                var id = i % Stable;
                var found = (await index.SearchAsync(Vectors.Of(id), int.MaxValue)).ToDictionary(neighbour => neighbour.FaceId);

                // Each face is there once, whole: never between its old and its new self.
                Assert.InRange(found[id].Cosine, 0.99999f, 1.00001f);
                Assert.All(Enumerable.Range(0, Stable), other => Assert.True(found.ContainsKey(other)));
                foreach (var writer in Enumerable.Range(0, Writers))
                {
                    var version = (int)found[1000 + writer].PersonId!.Value;
                    var expected = FullScan.Search([Changing(writer, version)], Vectors.Of(id), 1, TestIndex.Everything)[0];
                    Assert.Equal(expected, found[1000 + writer]);
                }
            }
        })).ToArray();
        var rebuilding = Task.Run(async () =>
        {
            while (!allWritten.IsCompleted)
            {
                // What the stream says of the changing faces is old; their changes do not come again after the last one.
                await index.RebuildAsync(stable.Concat((await index.SearchAsync(Vectors.Of(1), int.MaxValue))
                    .Where(neighbour => neighbour.FaceId is >= 1000 and < 5000)
                    .Select(neighbour => Changing((int)neighbour.FaceId - 1000, (int)neighbour.PersonId!.Value))).ToAsyncEnumerable());
            }
        });
        await Task.WhenAll([allWritten, .. searching]);
        await rebuilding;

        await index.UpsertAsync([.. Enumerable.Range(0, Writers).Select(writer => Changing(writer, 150))]);
        await index.HoldsAsync([.. stable, .. Enumerable.Range(0, Writers).Select(writer => Changing(writer, 150))]);
    }

    [Fact]
    public async Task A_vector_is_not_overwritten_under_a_search_that_began_before()
    {
        var table = new FaceTable(64);
        var readers = new Readers(table);
        var old = readers.Enter()!;
        table.Publish(1);
        var current = readers.Enter()!;

        var drained = readers.NoneBeforeAsync(1);
        Assert.False(drained.IsCompleted);
        old.Dispose();
        await drained;

        var retired = readers.RetireAsync();
        Assert.Null(readers.Enter());
        Assert.False(retired.IsCompleted);
        current.Dispose();
        await retired;
    }

    // A face whose vector tells which version it is, as its person does.
    private static IndexedFace Changing(int writer, int version) =>
        TestIndex.Face(1000 + writer, Vectors.Of(10000 + writer * 1000 + version), person: version);
}
