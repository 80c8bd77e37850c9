using FaceCloud.Contracts.Ports;
using FaceCloud.VectorSearch.Embedded;

namespace FaceCloud.VectorSearch.Tests;

/// <summary>What a crash can leave of the last write. Logs are copied while the index is open: nothing was closed properly.</summary>
public class CrashTests
{
    // 64 dimensions.
    private const int Record = RecordHeader.Size + 64 * sizeof(float);

    private static readonly IndexedFace[] Before = [.. Enumerable.Range(1, 4).Select(id => TestIndex.Face(id, Vectors.Of(id)))];

    [Fact]
    public async Task A_write_torn_at_any_byte_loses_nothing_that_was_before_it()
    {
        var log = await LogOfAsync(TestIndex.Face(5, Vectors.Of(5)));
        for (var length = log.Length - Record; length < log.Length; length++)
        {
            await OpensWithAsync(log[..length], Before);
        }

        await OpensWithAsync(log, [.. Before, TestIndex.Face(5, Vectors.Of(5))]);
    }

    [Fact]
    public async Task A_replacement_torn_at_any_byte_leaves_the_old_face()
    {
        using var folder = new TempFolder();
        await using var index = new TestIndex(folder);
        await index.UpsertAsync(Before);
        var before = File.ReadAllBytes(TestIndex.LogOf(folder));
        await index.UpsertAsync(TestIndex.Face(2, Vectors.Of(5)));
        var added = File.ReadAllBytes(TestIndex.LogOf(folder))[before.Length..];

        // The old vector is overwritten only when the new record is whole, so until then the old part is as it was.
        for (var length = 0; length < added.Length; length += 7)
        {
            await OpensWithAsync([.. before, .. added[..length]], Before);
        }
    }

    [Fact]
    public async Task A_torn_delete_leaves_the_face()
    {
        using var folder = new TempFolder();
        await using var index = new TestIndex(folder);
        await index.UpsertAsync(Before);
        var before = File.ReadAllBytes(TestIndex.LogOf(folder));
        await index.DeleteAsync(3);
        var added = File.ReadAllBytes(TestIndex.LogOf(folder))[before.Length..];

        Assert.Equal(RecordHeader.Size, added.Length);
        for (var length = 0; length < added.Length; length++)
        {
            await OpensWithAsync([.. before, .. added[..length]], Before);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(0, RecordHeader.Size)]
    [InlineData(1, RecordHeader.Size)]
    [InlineData(2, RecordHeader.Size)]
    public async Task A_power_loss_may_lose_any_page_of_the_last_commit(int record, int from)
    {
        IndexedFace[] last = [.. Enumerable.Range(5, 3).Select(id => TestIndex.Face(id, Vectors.Of(id)))];
        var log = await LogOfAsync(last);
        log.AsSpan(log.Length - (3 - record) * Record + from, 64).Clear();

        await OpensWithAsync(log, [.. Before, .. last[..record]]);
    }

    [Fact]
    public async Task What_was_recovered_takes_changes_and_opens_again()
    {
        var log = await LogOfAsync(TestIndex.Face(5, Vectors.Of(5)));
        using var folder = TempFolder.WithLog(log[..^10]);
        for (var again = 0; again < 3; again++)
        {
            await using var index = new TestIndex(folder);
            await index.UpsertAsync(TestIndex.Face(10 + again, Vectors.Of(10 + again)));
        }

        await using var reopened = new TestIndex(folder);
        await reopened.HoldsAsync([.. Before, .. Enumerable.Range(10, 3).Select(id => TestIndex.Face(id, Vectors.Of(id)))]);
    }

    [Fact]
    public async Task A_log_half_made_is_as_if_it_were_not_there()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(Path.GetDirectoryName(TestIndex.LogOf(folder))!);
        foreach (var file in new[] { "faces.first", "faces.next" })
        {
            File.WriteAllBytes(Path.Combine(folder, TestIndex.Recogniser, file), [1, 2, 3]);
        }

        await using var index = new TestIndex(folder);
        Assert.Equal(0, await index.CountAsync());
        await index.UpsertAsync(Before);
        await index.HoldsAsync(Before);
        Assert.Equal([TestIndex.LogOf(folder)], Directory.GetFiles(Path.Combine(folder, TestIndex.Recogniser)));
    }

    // The log of one commit for each face before, and one for the last faces.
    private static async Task<byte[]> LogOfAsync(params IndexedFace[] last)
    {
        using var folder = new TempFolder();
        await using var index = new TestIndex(folder);
        foreach (var face in Before)
        {
            await index.UpsertAsync(face);
        }

        await index.UpsertAsync(last);
        return File.ReadAllBytes(TestIndex.LogOf(folder));
    }

    private static async Task OpensWithAsync(byte[] log, IndexedFace[] faces)
    {
        using var folder = TempFolder.WithLog(log);
        await using var index = new TestIndex(folder);
        await index.HoldsAsync(faces);
    }
}
