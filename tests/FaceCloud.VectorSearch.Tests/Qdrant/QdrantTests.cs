using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.VectorSearch.Qdrant;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using static FaceCloud.VectorSearch.Tests.IndexUnderTest;

namespace FaceCloud.VectorSearch.Tests.Qdrant;

/// <summary>What is asked of an index in a server that several processes use at once.</summary>
public class QdrantTests(ITestOutputHelper output)
{
    private const double LeastRecall = 0.99;

    public static TheoryData<IndexKind> Kinds => [IndexKind.Qdrant, IndexKind.QdrantDouble];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_large_index_finds_what_an_exact_search_finds()
    {
        const int People = 4000;
        const int PhotosEach = 10;
        await using var index = await StartAsync(IndexKind.Qdrant);
        var random = new Random(3);
        var faces = Enumerable.Range(0, People).SelectMany(person =>
        {
            var centre = Vectors.Random(random, 512);
            return Enumerable.Range(0, PhotosEach).Select(photo => TestIndex.Face((person * PhotosEach) + photo, Vectors.Near(centre, 0.8, random), person));
        }).ToArray();
        await index.UpsertAsync(faces);
        while (!await index.IsOptimisedAsync())
        {
            Cancel.ThrowIfCancellationRequested();
        }

        var found = 0;
        var probes = Enumerable.Range(0, 200).Select(i => Vectors.Near(faces[i * 197].Embedding.Vector.ToArray(), 0.5, random)).ToArray();
        foreach (var probe in probes)
        {
            var exact = FullScan.Search(faces, probe, 10, TestIndex.Everything).Select(neighbour => neighbour.FaceId);
            found += (await index.SearchAsync(probe, 10)).Select(neighbour => neighbour.FaceId).Intersect(exact).Count();
        }

        var recall = found / 10.0 / probes.Length;
        output.WriteLine($"recall at 10 of {faces.Length} faces: {recall:0.0000}");
        Assert.InRange(recall, LeastRecall, 1);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task What_one_process_changes_another_sees_even_while_a_third_rebuilds(IndexKind kind)
    {
        await using var index = await StartAsync(kind);
        var (second, third) = (await index.OpenAsync(), await index.OpenAsync());
        await index.UpsertAsync(Face(1), Face(2), Face(3));

        var total = await third.RebuildAsync(Network, Stream(), Cancel);

        Assert.Equal(4, total);
        await index.HoldsAsync([Face(1), Face(3, seed: 33), Face(4), Face(5)]);

        async IAsyncEnumerable<IndexedFace> Stream()
        {
            await second.DeleteAsync(Network, [2], Cancel);
            yield return Face(1);
            yield return Face(2);
            yield return Face(3);
            await second.UpsertAsync(Network, [Face(3, seed: 33), Face(4)], Cancel);
            await index.UpsertAsync(Face(5));
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Many_at_once_create_one_collection(IndexKind kind)
    {
        await using var index = await StartAsync(kind);
        var others = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => index.OpenAsync()));
        await Task.WhenAll(others.Select((other, i) => other.UpsertAsync(Network, [Face(i)], Cancel)));
        await index.HoldsAsync([Face(0), Face(1), Face(2), Face(3)]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_rebuild_that_was_killed_leaves_nothing_once_another_is_done(IndexKind kind)
    {
        await using var index = await StartAsync(kind);
        await index.UpsertAsync(Face(1));
        var begun = await index.Collections.BeginAsync(Network, Cancel);
        await index.UpsertAsync(Face(2));
        Assert.Contains(begun, await index.Server.CollectionsAsync(Cancel));

        await index.RebuildAsync(new[] { Face(1), Face(2) }.ToAsyncEnumerable());

        var alias = index.Collections.Alias(Network);
        Assert.Single(await index.Server.CollectionsAsync(Cancel), name => name.StartsWith(alias, StringComparison.Ordinal));
        Assert.Equal([alias], (await index.Server.AliasesAsync(Cancel)).Keys.Where(name => name.StartsWith(alias, StringComparison.Ordinal)));
        await index.HoldsAsync([Face(1), Face(2)]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Snapshots_are_of_each_recogniser_and_deleted_by_name(IndexKind kind)
    {
        await using var index = await StartAsync(kind);
        await index.UpsertAsync(Face(1));
        await index.Index.UpsertAsync("another", [Face(2)], Cancel);
        using var snapshots = index.OpenSnapshots();
        Assert.Empty(await snapshots.ListAsync(Cancel));

        var taken = await snapshots.TakeAsync(Cancel);

        Assert.Equal(["another", Network], taken.Select(snapshot => snapshot.Recogniser).Order());
        Assert.Equal(taken.Select(snapshot => snapshot.Name).Order(), (await snapshots.ListAsync(Cancel)).Select(snapshot => snapshot.Name).Order());
        Assert.True(await snapshots.DeleteAsync(taken[0].Name, Cancel));
        Assert.False(await snapshots.DeleteAsync(taken[0].Name, Cancel));
        Assert.Equal([taken[1].Name], (await snapshots.ListAsync(Cancel)).Select(snapshot => snapshot.Name));
    }

    [Fact]
    public async Task A_face_that_is_deleted_leaves_no_vector_in_any_collection()
    {
        await using var index = await StartAsync(IndexKind.QdrantDouble);
        await index.UpsertAsync(Face(1), Face(2));
        await index.RebuildAsync(Stream());
        Assert.Equal([2ul], Assert.Single(index.Double!.Collections.Values).Points.Keys);

        async IAsyncEnumerable<IndexedFace> Stream()
        {
            yield return Face(1);
            await index.DeleteAsync(1);
            Assert.All(
                index.Double!.Collections.Values.SelectMany(collection => collection.Points.Values),
                point => Assert.True(point.Id == 2 || point.Vector[0] == 1));
            yield return Face(2);
        }
    }

    [Fact]
    public async Task Searches_of_many_probes_are_one_call()
    {
        await using var index = await StartAsync(IndexKind.QdrantDouble);
        await index.UpsertAsync(Face(1));
        index.Double!.Calls.Clear();
        await index.Index.SearchAsync(
            Network, [.. Enumerable.Range(0, 50).Select(seed => new FaceEmbedding(Vectors.Of(seed, 512)))], 5, TestIndex.Everything, Cancel);
        Assert.Single(index.Double.Calls);
    }

    [Fact]
    public async Task A_server_that_is_away_refuses_the_key_or_is_too_old_is_a_failure_that_passes()
    {
        await using var index = await StartAsync(IndexKind.QdrantDouble);
        await index.UpsertAsync(Face(1));
        var health = new QdrantHealth(index.Server);
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(new HealthCheckContext(), Cancel)).Status);

        index.Double!.Version = "1.16.3";
        await FailsAsync(() => index.RebuildAsync(new[] { Face(1) }.ToAsyncEnumerable()), "1.17");
        Assert.Contains("1.16.3", (await health.CheckHealthAsync(new HealthCheckContext(), Cancel)).Description!, StringComparison.Ordinal);
        await index.HoldsAsync([Face(1)]);

        using var stranger = Build(index.Double.ConnectionString.Replace(QdrantDouble.Key, "guessed", StringComparison.Ordinal));
        await FailsAsync(() => stranger.Services.GetRequiredService<IFaceIndex>().CountAsync(Network, TestIndex.Everything, Cancel), "refuses");

        await index.Double.DisposeAsync();
        await FailsAsync(() => index.UpsertAsync(Face(2)), "does not answer");
        await FailsAsync(() => index.SearchAsync(Vectors.Of(1, 512), 1), "does not answer");
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(new HealthCheckContext(), Cancel)).Status);
    }

    [Theory]
    [InlineData("http://qdrant:6333")]
    [InlineData("Key=secret")]
    [InlineData("Endpoint=qdrant:6333;Key=secret")]
    [InlineData("Endpoint=;Key=secret;=")]
    public void An_address_that_is_none_is_refused_without_telling_the_key(string vectors)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Build(vectors));
        Assert.Contains("Endpoint=http://qdrant:6333", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    private static async Task FailsAsync(Func<Task> call, string reason)
    {
        var failure = await Assert.ThrowsAsync<FailureException>(call);
        Assert.Equal(Failure.Unavailable, failure.Failure);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    private static IHost Build(string vectors)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:vectors", vectors)]);
        builder.AddVectorSearch();
        return builder.Build();
    }
}
