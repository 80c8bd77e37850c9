using System.Runtime.InteropServices;
using FaceCloud.Contracts.Ports;
using FaceCloud.VectorSearch.Embedded;

namespace FaceCloud.VectorSearch.Tests;

public class ErasureTests
{
    private static readonly IndexedFace[] Faces = [.. Enumerable.Range(1, 5).Select(id => TestIndex.Face(id, Vectors.Of(id)))];

    [Fact]
    public async Task A_deleted_vector_is_in_no_file_when_the_delete_returns()
    {
        using var folder = new TempFolder();
        await using var index = new TestIndex(folder);
        await index.UpsertAsync(Faces);
        Assert.True(IsInAFile(folder, Vectors.Of(3)));

        await index.DeleteAsync(3);

        Assert.False(IsInAFile(folder, Vectors.Of(3)));
        Assert.True(IsInAFile(folder, Vectors.Of(2)));
    }

    [Fact]
    public async Task A_replaced_vector_is_in_no_file_when_the_upsert_returns()
    {
        using var folder = new TempFolder();
        await using var index = new TestIndex(folder);
        await index.UpsertAsync(Faces);

        await index.UpsertAsync(TestIndex.Face(3, Vectors.Of(30)));

        Assert.False(IsInAFile(folder, Vectors.Of(3)));
        Assert.True(IsInAFile(folder, Vectors.Of(30)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(255)]
    public async Task A_crash_while_erasing_is_made_good_at_the_next_open(int erased)
    {
        byte[] log;
        using (var first = new TempFolder())
        {
            await using var index = new TestIndex(first);
            await index.UpsertAsync(Faces);
            await index.DeleteAsync(3);
            log = File.ReadAllBytes(TestIndex.LogOf(first));
        }

        // Puts back what a crash would have kept from being overwritten.
        var vector = MemoryMarshal.AsBytes<float>(Vectors.Of(3)).ToArray();
        var at = FileHeader.Size + 2 * (RecordHeader.Size + vector.Length) + RecordHeader.Size;
        Assert.All(log[at..(at + vector.Length)], value => Assert.Equal(0, value));
        vector.AsSpan(erased).CopyTo(log.AsSpan(at + erased));

        using var folder = TempFolder.WithLog(log);
        await using var reopened = new TestIndex(folder);
        await reopened.HoldsAsync([.. Faces.Where(face => face.FaceId != 3)]);
        Assert.Equal(-1, File.ReadAllBytes(TestIndex.LogOf(folder)).AsSpan().IndexOf(vector.AsSpan(Math.Min(erased, 240))));
    }

    [Fact]
    public async Task A_compacted_log_holds_the_living_alone()
    {
        using var folder = new TempFolder();
        IndexedFace[] many = [.. Enumerable.Range(1, 100).Select(id => TestIndex.Face(id, Vectors.Of(id), id % 4, id % 3))];
        await using (var index = new TestIndex(folder, compactAfter: 50))
        {
            await index.UpsertAsync(many);
            await index.DeleteAsync([.. Enumerable.Range(1, 90)]);

            // Changes commit one after another with the compaction's own, so this ends when it has.
            while (new FileInfo(TestIndex.LogOf(folder)).Length > 50 * 320)
            {
                await index.UpsertAsync(many[99]);
            }

            await index.HoldsAsync(many[90..]);
        }

        await using var reopened = new TestIndex(folder);
        await reopened.HoldsAsync(many[90..]);
    }

    private static bool IsInAFile(string folder, float[] vector) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "lock")
            .Any(file => File.ReadAllBytes(file).AsSpan().IndexOf(MemoryMarshal.AsBytes<float>(vector)[..32]) >= 0);
}
