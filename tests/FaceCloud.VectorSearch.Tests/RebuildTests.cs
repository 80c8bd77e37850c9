using FaceCloud.Contracts;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.VectorSearch.Tests;

public class RebuildTests
{
    private static readonly IndexedFace[] Old = [.. Enumerable.Range(1, 5).Select(id => TestIndex.Face(id, Vectors.Of(id)))];
    private static readonly IndexedFace[] New = [.. Enumerable.Range(3, 3000).Select(id => TestIndex.Face(id, Vectors.Of(id + 10000)))];

    [Fact]
    public async Task Changes_made_meanwhile_are_in_both_and_win_over_the_stream()
    {
        using var folder = new TempFolder();
        await using (var index = new TestIndex(folder))
        {
            await index.UpsertAsync(Old);
            var count = await index.RebuildAsync(Stream(
                New,
                before: async () =>
                {
                    await index.DeleteAsync(5);
                    await index.UpsertAsync(TestIndex.Face(4, Vectors.Of(77)));
                },
                after: async () =>
                {
                    await index.DeleteAsync(10);
                    await index.UpsertAsync(TestIndex.Face(11, Vectors.Of(78)), TestIndex.Face(-1, Vectors.Of(79)));
                    await index.HoldsAsync(
                        [.. Old[..3], TestIndex.Face(4, Vectors.Of(77)), TestIndex.Face(11, Vectors.Of(78)), TestIndex.Face(-1, Vectors.Of(79))]);
                }));
            Assert.Equal(New.Length - 1, count);
        }

        await using var reopened = new TestIndex(folder);
        await reopened.HoldsAsync(
        [
            .. New.Where(face => face.FaceId is not (4 or 5 or 10 or 11)),
            TestIndex.Face(4, Vectors.Of(77)),
            TestIndex.Face(11, Vectors.Of(78)),
            TestIndex.Face(-1, Vectors.Of(79)),
        ]);
    }

    [Fact]
    public async Task A_rebuild_that_fails_leaves_the_old_index_and_no_file()
    {
        using var folder = new TempFolder();
        await using var index = new TestIndex(folder);
        await index.UpsertAsync(Old);

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => index.RebuildAsync(Stream(New, after: () => throw new InvalidOperationException("the stream broke"))));

        await index.HoldsAsync(Old);
        Assert.Equal([TestIndex.LogOf(folder)], Directory.GetFiles(Path.Combine(folder, TestIndex.Recogniser)));
        Assert.Equal(New.Length, await index.RebuildAsync(New.ToAsyncEnumerable()));
        await index.HoldsAsync(New);
    }

    [Fact]
    public async Task A_rebuild_that_is_cancelled_leaves_the_old_index()
    {
        using var folder = new TempFolder();
        await using var index = new TestIndex(folder);
        await index.UpsertAsync(Old);
        using var cancel = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => index.Index.RebuildAsync(TestIndex.Recogniser, Stream(New, after: cancel.CancelAsync), cancel.Token));

        await index.HoldsAsync(Old);
    }

    [Fact]
    public async Task A_crash_during_a_rebuild_leaves_the_old_index()
    {
        using var folder = new TempFolder();
        using var crashed = new TempFolder();
        await using var index = new TestIndex(folder);
        await index.UpsertAsync(Old);
        await index.RebuildAsync(Stream(New, after: () =>
        {
            var copy = Directory.CreateDirectory(Path.Combine(crashed, TestIndex.Recogniser)).FullName;
            string[] files = Directory.GetFiles(Path.Combine(folder, TestIndex.Recogniser));
            Assert.Equal(2, files.Length);
            Array.ForEach(files, file => File.Copy(file, Path.Combine(copy, Path.GetFileName(file))));
            return Task.CompletedTask;
        }));

        await using var reopened = new TestIndex(crashed);
        await reopened.HoldsAsync(Old);
        Assert.Equal([TestIndex.LogOf(crashed)], Directory.GetFiles(Path.Combine(crashed, TestIndex.Recogniser)));
    }

    [Fact]
    public async Task A_face_that_the_stream_cannot_give_properly_fails_the_rebuild()
    {
        using var folder = new TempFolder();
        await using var index = new TestIndex(folder);
        await index.UpsertAsync(Old);

        var failure = await Assert.ThrowsAsync<FailureException>(
            () => index.RebuildAsync(new[] { New[0], TestIndex.Face(9, Vectors.Of(9, 32)) }.ToAsyncEnumerable()));

        Assert.Equal(Failure.InvalidRequest, failure.Failure);
        await index.HoldsAsync(Old);
    }

    [Fact]
    public async Task A_rebuild_from_nothing_empties_the_index()
    {
        using var folder = new TempFolder();
        await using (var index = new TestIndex(folder))
        {
            await index.UpsertAsync(Old);
            Assert.Equal(0, await index.RebuildAsync(AsyncEnumerable.Empty<IndexedFace>()));
            Assert.Equal(0, await index.CountAsync());
        }

        await using var reopened = new TestIndex(folder);
        Assert.Equal(0, await reopened.CountAsync());
        await reopened.UpsertAsync(TestIndex.Face(1, Vectors.Of(1, 32)));
        Assert.Equal(1, await reopened.CountAsync());
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
