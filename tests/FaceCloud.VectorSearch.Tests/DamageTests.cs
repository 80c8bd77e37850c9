using FaceCloud.Contracts;
using FaceCloud.Contracts.Ports;
using FaceCloud.VectorSearch.Embedded;

namespace FaceCloud.VectorSearch.Tests;

/// <summary>What no crash does: bytes that were on disk and are others now.</summary>
public class DamageTests
{
    private static readonly IndexedFace[] Faces = [.. Enumerable.Range(1, 12).Select(id => TestIndex.Face(id, Vectors.Of(id)))];

    [Fact]
    public async Task A_bit_that_flips_anywhere_is_reported_and_nothing_is_dropped()
    {
        var log = await ClosedLogAsync();
        var random = new Random(3);
        for (var i = 0; i < 200; i++)
        {
            // Anywhere but in what follows the last face: the seal is all that could be lost there.
            var flipped = log.ToArray();
            flipped[random.Next(FileHeader.Size, log.Length - RecordHeader.Size)] ^= (byte)(1 << random.Next(8));
            using var folder = TempFolder.WithLog(flipped);
            await using var index = new TestIndex(folder);

            Assert.True(await index.NeedsRebuildAsync());
            Assert.Equal(flipped, File.ReadAllBytes(TestIndex.LogOf(folder)));
        }
    }

    [Fact]
    public async Task A_damaged_file_header_is_reported()
    {
        var log = await ClosedLogAsync();
        for (var at = 0; at < 20; at++)
        {
            var flipped = log.ToArray();
            flipped[at] ^= 4;
            using var folder = TempFolder.WithLog(flipped);
            await using var index = new TestIndex(folder);
            Assert.True(await index.NeedsRebuildAsync());
        }
    }

    [Fact]
    public async Task A_damaged_seal_loses_no_face()
    {
        var log = await ClosedLogAsync();
        log[^20] ^= 1;
        using var folder = TempFolder.WithLog(log);
        await using var index = new TestIndex(folder);
        await index.HoldsAsync(Faces);
    }

    [Fact]
    public async Task A_damaged_index_says_what_to_do_until_it_is_rebuilt()
    {
        var log = await ClosedLogAsync();
        log[400] ^= 1;
        using var folder = TempFolder.WithLog(log);
        await using (var index = new TestIndex(folder))
        {
            await index.Index.OpenAllAsync(TestContext.Current.CancellationToken);
            foreach (var call in new Func<Task>[]
            {
                () => index.SearchAsync(Vectors.Of(1), 1), () => index.CountAsync(), () => index.UpsertAsync(Faces[0]), () => index.DeleteAsync(1),
            })
            {
                var failure = await Assert.ThrowsAsync<FailureException>(call);
                Assert.Equal(Failure.Unavailable, failure.Failure);
                Assert.Contains("rebuild-index", failure.Message, StringComparison.Ordinal);
            }

            Assert.Equal(Faces.Length, await index.RebuildAsync(Faces.ToAsyncEnumerable()));
            Assert.False(await index.NeedsRebuildAsync());
            await index.HoldsAsync(Faces);
        }

        await using var reopened = new TestIndex(folder);
        await reopened.HoldsAsync(Faces);
    }

    [Fact]
    public async Task A_change_during_the_rebuild_of_a_damaged_index_is_in_the_new_one()
    {
        var log = await ClosedLogAsync();
        log[400] ^= 1;
        using var folder = TempFolder.WithLog(log);
        await using var index = new TestIndex(folder);

        await index.RebuildAsync(StreamAsync());

        await index.HoldsAsync([.. Faces[1..], TestIndex.Face(50, Vectors.Of(50))]);

        async IAsyncEnumerable<IndexedFace> StreamAsync()
        {
            await index.UpsertAsync(TestIndex.Face(50, Vectors.Of(50)));
            await index.DeleteAsync(1);
            foreach (var face in Faces)
            {
                yield return face;
            }
        }
    }

    private static async Task<byte[]> ClosedLogAsync()
    {
        using var folder = new TempFolder();
        await using (var index = new TestIndex(folder))
        {
            // Commits of one face and of several.
            await index.UpsertAsync(Faces[0]);
            await index.UpsertAsync(Faces[1..5]);
            await index.UpsertAsync(Faces[5..]);
        }

        return File.ReadAllBytes(TestIndex.LogOf(folder));
    }
}
