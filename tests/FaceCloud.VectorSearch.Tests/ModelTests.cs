using FaceCloud.Contracts.Ports;

namespace FaceCloud.VectorSearch.Tests;

public class ModelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Any_sequence_of_changes_gives_what_a_dictionary_gives(int seed)
    {
        var random = new Random(seed);
        var model = new Dictionary<long, IndexedFace>();
        using var folder = new TempFolder();
        var index = new TestIndex(folder, compactAfter: 20);
        try
        {
            for (var step = 0; step < 150; step++)
            {
                switch (random.Next(10))
                {
                    case < 4:
                        var faces = Enumerable.Range(0, random.Next(1, 8)).Select(_ => RandomFace(random)).ToArray();
                        await index.UpsertAsync(faces);
                        Array.ForEach(faces, face => model[face.FaceId] = face);
                        break;
                    case < 7:
                        var ids = Enumerable.Range(0, random.Next(1, 12)).Select(_ => RandomId(random)).ToArray();
                        await index.DeleteAsync(ids);
                        Array.ForEach(ids, id => model.Remove(id));
                        break;
                    case 7:
                        await index.DisposeAsync();
                        index = new TestIndex(folder, compactAfter: 20);
                        break;
                    case 8 when step % 3 == 0:
                        Assert.Equal(model.Count, await index.RebuildAsync(model.Values.ToArray().ToAsyncEnumerable()));
                        break;
                    default:
                        var filter = new IndexFilter(
                            TestIndex.Gallery,
                            random.Next(4) == 0 ? random.Next(3) : null,
                            random.Next(4) == 0 ? random.Next(3) : null,
                            random.Next(4) == 0 ? random.Next(2) == 0 : null);
                        var probe = Vectors.Random(random, 64);
                        var limit = random.Next(1, 60);
                        Assert.Equal(FullScan.Search(model.Values, probe, limit, filter), await index.SearchAsync(probe, limit, filter));
                        break;
                }
            }

            await index.HoldsAsync(model.Values);
        }
        finally
        {
            await index.DisposeAsync();
        }

        await using var reopened = new TestIndex(folder);
        await reopened.HoldsAsync(model.Values);
    }

    private static long RandomId(Random random) => random.Next(50);

    private static IndexedFace RandomFace(Random random) => TestIndex.Face(
        RandomId(random),
        Vectors.Random(random, 64),
        random.Next(2) == 0 ? null : random.Next(3),
        random.Next(2) == 0 ? null : random.Next(3),
        TestIndex.Gallery + random.Next(4) / 3);
}
