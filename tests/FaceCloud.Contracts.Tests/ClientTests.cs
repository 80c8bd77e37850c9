using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using DetectionAnswer = FaceCloud.Contracts.Ports.Detection;

namespace FaceCloud.Contracts.Tests;

/// <summary>What a caller says reaches the port in the other process, and its answer comes back, unchanged.</summary>
public class ClientTests
{
    private const string Recogniser = "some recogniser/ü";

    private static readonly Landmarks Points = new(new(1.5f, 2), new(3, 4), new(5, 6), new(7, 8), new(9, 1 / 3f));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_detection_with_or_without_crops(bool crops)
    {
        var image = new byte[3_000_000];
        Random.Shared.NextBytes(image);
        var request = new DetectionRequest(crops, Attributes: true, Within: new FaceBox(1.25f, -2, 30, 1 / 3f));
        var answer = new DetectionAnswer(
            640, 480,
            [
                new(new(0.1f, 2, 3, 4), Points, 0.9f, new(31.5f, Gender.Male, 0.75f), crops ? FakePorts.Crop(1) : null),
                new(new(5, 6, 7, 8), Points, 0.5f, null, crops ? FakePorts.Crop(2) : null),
            ],
            "scrfd");
        await using var service = await Service.StartAsync(new FakePorts
        {
            Detect = (bytes, asked, _) =>
            {
                Assert.Equal(request, asked);
                Assert.True(bytes.Span.SequenceEqual(image));
                return Task.FromResult(answer);
            },
        });

        var found = await service.Detector.DetectAsync(image, request, Cancel);

        Assert.Equal((answer.ImageWidth, answer.ImageHeight, answer.Detector), (found.ImageWidth, found.ImageHeight, found.Detector));
        Assert.Equal(answer.Faces.Select(face => face with { Crop = null }), found.Faces.Select(face => face with { Crop = null }));
        Assert.Equal(answer.Faces.Select(face => face.Crop?.Rgb.ToArray()), found.Faces.Select(face => face.Crop?.Rgb.ToArray()));
    }

    [Fact]
    public async Task No_faces_at_all()
    {
        await using var service = await Service.StartAsync(new FakePorts { Detect = (_, _, _) => Task.FromResult(new DetectionAnswer(1, 2, [], "scrfd")) });

        Assert.Empty((await service.Detector.DetectAsync(new byte[1], new DetectionRequest(Crops: true), Cancel)).Faces);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(700)] // several requests
    public async Task Embeddings_of_any_number_of_crops(int count)
    {
        var recogniser = new Recogniser(Recogniser, 3, new Calibration(0.299, 1 / 3.0));
        await using var service = await Service.StartAsync(new FakePorts
        {
            Embed = (crops, _) => Task.FromResult(new Embeddings(
                recogniser, [.. crops.Select(crop => new FaceEmbedding(new[] { BitConverter.ToInt32(crop.Rgb.Span), 1 / 3f, float.Epsilon }))])),
        });

        var embeddings = await service.Embedder.EmbedAsync([.. Enumerable.Range(0, count).Select(FakePorts.Crop)], Cancel);

        Assert.Equal(recogniser, embeddings.Recogniser);
        Assert.Equal(
            Enumerable.Range(0, count).Select(i => new[] { i, 1 / 3f, float.Epsilon }), embeddings.Faces.Select(face => face.Vector.ToArray()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2500)]
    public async Task Faces_to_the_index(int count)
    {
        var faces = Enumerable.Range(0, count).Select(i => FakePorts.Face(i)).ToList();
        var arrived = new List<IndexedFace>();
        await using var service = await Service.StartAsync(new FakePorts
        {
            Upsert = (name, some) =>
            {
                Assert.Equal(Recogniser, name);
                arrived.AddRange(some);
                return Task.CompletedTask;
            },
        });

        await service.Index.UpsertAsync(Recogniser, faces, Cancel);

        AssertSame(faces, arrived);
    }

    [Fact]
    public async Task Vectors_that_do_not_belong_together_are_refused_as_the_index_refuses_them()
    {
        await using var service = await Service.StartAsync(new FakePorts());

        var failure = await Assert.ThrowsAsync<FailureException>(() => service.Index.UpsertAsync(Recogniser, [FakePorts.Face(1, 4), FakePorts.Face(2, 5)], Cancel));

        Assert.Equal(Failure.InvalidRequest, failure.Failure);
    }

    [Fact]
    public async Task Faces_out_of_the_index()
    {
        var arrived = new List<long>();
        await using var service = await Service.StartAsync(new FakePorts
        {
            Delete = (_, ids) =>
            {
                arrived.AddRange(ids);
                return Task.CompletedTask;
            },
        });

        await service.Index.DeleteAsync(Recogniser, [long.MaxValue, 1, -7], Cancel);

        Assert.Equal([long.MaxValue, 1, -7], arrived);
    }

    [Fact]
    public async Task A_search()
    {
        var filter = new IndexFilter(long.MaxValue, 3, null, Identified: false);
        await using var service = await Service.StartAsync(new FakePorts
        {
            Search = (name, probes, limit, asked) =>
            {
                Assert.Equal((Recogniser, 9, filter), (name, limit, asked));
                return Task.FromResult<IReadOnlyList<IReadOnlyList<Neighbour>>>(
                    [.. probes.Select(probe => new[] { new Neighbour(5, null, probe.Vector.Span[0] / 3f), new Neighbour(6, 7, -1) })]);
            },
        });

        var found = await service.Index.SearchAsync(
            Recogniser, [.. Enumerable.Range(0, 1500).Select(i => new FaceEmbedding(new float[] { i, 0 }))], 9, filter, Cancel);

        Assert.Equal(1500, found.Count);
        Assert.All(found, (neighbours, i) => Assert.Equal([new Neighbour(5, null, i / 3f), new Neighbour(6, 7, -1)], neighbours));
    }

    [Fact]
    public async Task A_count()
    {
        await using var service = await Service.StartAsync(new FakePorts
        {
            Count = (name, filter) => Task.FromResult((name, filter) == (Recogniser, new IndexFilter(4)) ? long.MaxValue : 0),
        });

        Assert.Equal(long.MaxValue, await service.Index.CountAsync(Recogniser, new IndexFilter(4), Cancel));
    }

    [Fact]
    public async Task A_rebuild_streams()
    {
        const int Total = 30_000;
        var firstArrived = new TaskCompletionSource();
        var arrived = new List<IndexedFace>();
        await using var service = await Service.StartAsync(new FakePorts
        {
            Rebuild = async (name, faces, cancellationToken) =>
            {
                Assert.Equal(Recogniser, name);
                await foreach (var face in faces.WithCancellation(cancellationToken))
                {
                    arrived.Add(face);
                    firstArrived.TrySetResult();
                }

                return arrived.Count;
            },
        });

        // Never ends if what was produced first does not arrive before the rest is there.
        async IAsyncEnumerable<IndexedFace> SourceAsync()
        {
            for (var i = 0; i < Total; i++)
            {
                if (i == Total / 2)
                {
                    await firstArrived.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
                }

                yield return FakePorts.Face(i, 128); // half of it is 8 MB, more than any buffer on the way
            }
        }

        Assert.Equal(Total, await service.Index.RebuildAsync(Recogniser, SourceAsync(), Cancel));
        AssertSame([.. Enumerable.Range(0, Total).Select(i => FakePorts.Face(i, 128))], arrived);
    }

    [Fact]
    public async Task A_rebuild_from_nothing()
    {
        await using var service = await Service.StartAsync(new FakePorts { Rebuild = async (_, faces, cancel) => await faces.LongCountAsync(cancel) });

        Assert.Equal(0, await service.Index.RebuildAsync(Recogniser, AsyncEnumerable.Empty<IndexedFace>(), Cancel));
    }

    private static void AssertSame(List<IndexedFace> expected, List<IndexedFace> actual)
    {
        Assert.Equal(expected.Select(Tags), actual.Select(Tags));
        Assert.All(expected.Zip(actual), pair => Assert.True(pair.First.Embedding.Vector.Span.SequenceEqual(pair.Second.Embedding.Vector.Span)));

        static (long, long, long?, long?) Tags(IndexedFace face) => (face.FaceId, face.GalleryId, face.PersonId, face.AlbumId);
    }
}
