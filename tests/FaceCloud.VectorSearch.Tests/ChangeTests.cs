using FaceCloud.Contracts;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.VectorSearch.Tests;

public class ChangeTests
{
    [Fact]
    public async Task Opening_again_gives_the_same_answers()
    {
        using var folder = new TempFolder();
        IndexedFace[] faces = [.. Enumerable.Range(0, 3000).Select(id => TestIndex.Face(id, Vectors.Of(id), id % 7, id % 3 == 0 ? null : id % 5))];
        await using (var index = new TestIndex(folder))
        {
            await index.UpsertAsync(faces);
            await index.DeleteAsync([.. Enumerable.Range(1000, 1000)]);
        }

        IndexedFace[] left = [.. faces.Where(face => face.FaceId is < 1000 or >= 2000)];
        for (var again = 0; again < 2; again++)
        {
            await using var index = new TestIndex(folder);
            await index.HoldsAsync(left);
        }
    }

    [Fact]
    public async Task A_log_does_not_grow_by_being_opened()
    {
        using var folder = new TempFolder();
        await using (var index = new TestIndex(folder))
        {
            await index.UpsertAsync(TestIndex.Face(1, Vectors.Of(1)));
        }

        var length = new FileInfo(TestIndex.LogOf(folder)).Length;
        await using (var index = new TestIndex(folder))
        {
            Assert.Equal(1, await index.CountAsync());
        }

        Assert.Equal(length, new FileInfo(TestIndex.LogOf(folder)).Length);
    }

    [Fact]
    public async Task Recognisers_do_not_mix_whatever_their_names_are()
    {
        using var folder = new TempFolder();
        string[] names = ["a", "..", "../a", "a/b", "Ä 1", "."];
        for (var again = 0; again < 2; again++)
        {
            await using var index = new TestIndex(folder);
            await index.Index.OpenAllAsync(TestContext.Current.CancellationToken);
            for (var i = 0; i < names.Length; i++)
            {
                await index.Index.UpsertAsync(names[i], [TestIndex.Face(i, Vectors.Of(i, 10 + i))], TestContext.Current.CancellationToken);
                Assert.Equal(1, await index.Index.CountAsync(names[i], TestIndex.Everything, TestContext.Current.CancellationToken));
            }
        }

        Assert.Equal(names.Length, Directory.GetDirectories(folder).Length);
        await using var empty = new TestIndex(folder);
        await Assert.ThrowsAsync<FailureException>(() => empty.Index.CountAsync("", TestIndex.Everything, TestContext.Current.CancellationToken));
    }

    public static TheoryData<string, float[]> WrongVectors => new()
    {
        { "no dimension", [] },
        { "zero", new float[64] },
        { "not of norm 1", [.. Vectors.Of(1).Select(value => value * 1.002f)] },
        { "not a number", [float.NaN, .. Vectors.Of(1).Skip(1)] },
        { "infinite", [float.PositiveInfinity, .. Vectors.Of(1).Skip(1)] },
        { "another dimension", Vectors.Of(1, 65) },
        { "too long", Vectors.Of(1, 5000) },
    };

    [Theory, MemberData(nameof(WrongVectors))]
    public async Task A_vector_that_cannot_be_compared_is_refused(string what, float[] vector)
    {
        using var folder = new TempFolder();
        await using var index = new TestIndex(folder);
        await index.UpsertAsync(TestIndex.Face(1, Vectors.Of(1)));

        var upsert = await Assert.ThrowsAsync<FailureException>(() => index.UpsertAsync(TestIndex.Face(2, Vectors.Of(2)), TestIndex.Face(3, vector)));
        var search = await Assert.ThrowsAsync<FailureException>(() => index.SearchAsync(vector, 1));

        Assert.Equal((Failure.InvalidRequest, Failure.InvalidRequest, what), (upsert.Failure, search.Failure, what));
        await index.HoldsAsync([TestIndex.Face(1, Vectors.Of(1))]);
    }

    [Fact]
    public async Task One_callers_wrong_dimension_is_not_anothers_failure()
    {
        using var folder = new TempFolder();
        await using var index = new TestIndex(folder);
        await index.UpsertAsync(TestIndex.Face(1, Vectors.Of(1)));

        var changes = Enumerable.Range(2, 20).Select(id => index.UpsertAsync(TestIndex.Face(id, Vectors.Of(id, id % 2 == 0 ? 64 : 32)))).ToArray();
        await Assert.ThrowsAsync<FailureException>(() => Task.WhenAll(changes));

        Assert.Equal(Enumerable.Range(2, 20).Select(id => id % 2 == 0), changes.Select(change => change.IsCompletedSuccessfully));
        Assert.Equal(11, await index.CountAsync());
    }

    [Fact]
    public async Task A_closed_index_refuses_to_work()
    {
        using var folder = new TempFolder();
        var index = new TestIndex(folder);
        await index.UpsertAsync(TestIndex.Face(1, Vectors.Of(1)));
        await index.DisposeAsync();
        await index.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => index.SearchAsync(Vectors.Of(1), 1));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => index.UpsertAsync(TestIndex.Face(1, Vectors.Of(1))));
    }

    [Fact]
    public async Task No_two_open_the_same_folder()
    {
        using var folder = new TempFolder();
        await using (var first = new TestIndex(folder))
        {
            await first.UpsertAsync(TestIndex.Face(1, Vectors.Of(1)));
            await using var second = new TestIndex(folder);

            var refused = await Assert.ThrowsAsync<FailureException>(() => second.CountAsync());
            Assert.Equal(Failure.Unavailable, refused.Failure);
            Assert.Contains("another process", refused.Message, StringComparison.Ordinal);
        }

        await using var third = new TestIndex(folder);
        Assert.Equal(1, await third.CountAsync());
    }
}
