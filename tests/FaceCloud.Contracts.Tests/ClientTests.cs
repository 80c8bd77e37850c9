using FaceCloud.Contracts.Clients;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Frames;
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
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_detection_with_or_without_crops_and_portraits(bool crops, bool portraits)
    {
        var image = new byte[3_000_000];
        Random.Shared.NextBytes(image);
        var request = new DetectionRequest(crops, Attributes: true, Within: new FaceBox(1.25f, -2, 30, 1 / 3f), Portraits: portraits);
        var answer = new DetectionAnswer(
            640, 480,
            [
                new(new(0.1f, 2, 3, 4), Points, 0.9f, new(31.5f, Gender.Male, 0.75f), crops ? FakePorts.Crop(1) : null, Portrait(3000)),
                new(new(5, 6, 7, 8), Points, 0.5f, null, crops ? FakePorts.Crop(2) : null, Portrait(1)),
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
        Assert.Equal(
            answer.Faces.Select(face => face with { Crop = null, Portrait = null }), found.Faces.Select(face => face with { Crop = null, Portrait = null }));
        Assert.Equal(answer.Faces.Select(face => face.Crop?.Rgb.ToArray()), found.Faces.Select(face => face.Crop?.Rgb.ToArray()));
        Assert.Equal(answer.Faces.Select(face => face.Portrait?.Box), found.Faces.Select(face => face.Portrait?.Box));
        Assert.Equal(answer.Faces.Select(face => face.Portrait?.Jpeg.ToArray()), found.Faces.Select(face => face.Portrait?.Jpeg.ToArray()));

        FacePortrait? Portrait(int length)
        {
            var file = new byte[length];
            Random.Shared.NextBytes(file);
            return portraits ? new FacePortrait(file, new FaceBox(length, 0.5f, 1 / 3f, 4)) : null;
        }
    }

    [Fact]
    public void Portraits_that_are_cut_off_are_damage()
    {
        var whole = DetectionFrame.Of(new DetectionAnswer(
            640, 480, [new(new(0, 2, 3, 4), Points, 0.9f, null, null, new FacePortrait(new byte[100], new FaceBox(1, 2, 3, 4)))], "scrfd"));

        Assert.All(Enumerable.Range(1, whole.Payload.Length - 1), length => Assert.Throws<DamagedFrameException>(
            () => DetectionFrame.Read(whole with { Payload = whole.Payload[..length] })));
    }

    [Fact]
    public async Task A_chip_travels_with_its_crop_to_the_recogniser_and_says_how_it_was_cut()
    {
        var shape = new CropShape(CropGeometry.DlibWide, 19);
        FaceCrop[] crops = [.. Enumerable.Range(1, 3).Select(i =>
            FakePorts.Crop(i) with { Chip = new FaceChip(shape, Enumerable.Repeat((byte)(100 + i), shape.Bytes).ToArray()) })];
        var arrived = new List<FaceCrop>();
        await using var service = await Service.StartAsync(new FakePorts
        {
            Detect = (_, _, _) => Task.FromResult(new DetectionAnswer(
                1, 2, [.. crops.Select(crop => new DetectedFace(default, Points, 1, null, crop))], "scrfd")),
            Embed = (some, _) =>
            {
                arrived.AddRange(some);
                return Task.FromResult(new Embeddings(
                    new Recogniser(Recogniser, 1, new Calibration(0, 1), "MIT", "0"),
                    [.. some.Select(_ => new FaceEmbedding(new float[1]))]));
            },
        });

        var detection = await service.Detector.DetectAsync(new byte[1], new DetectionRequest(Crops: true), Cancel);
        await service.Embedder.EmbedAsync([.. detection.Faces.Select(face => face.Crop!)], Cancel);

        Assert.Equal(crops.Select(crop => crop.Rgb.ToArray()), arrived.Select(crop => crop.Rgb.ToArray()));
        Assert.All(arrived, crop => Assert.Equal(shape, crop.Chip!.Shape));
        Assert.Equal(crops.Select(crop => crop.Chip!.Rgb.ToArray()), arrived.Select(crop => crop.Chip!.Rgb.ToArray()));
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
        var recogniser = new Recogniser(Recogniser, 3, new Calibration(0.299, 1 / 3.0), "MIT", "0");
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

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(150)] // several requests
    public async Task Assessments_of_any_number_of_faces(int count)
    {
        var faces = Enumerable.Range(0, count).Select(i => new FaceToAssess(FakePorts.Crop(i), new FaceBox(i, 2, 3, 1 / 3f), Points, 0.9f)).ToList();
        await using var service = await Service.StartAsync(new FakePorts
        {
            Assess = some => Task.FromResult<IReadOnlyList<FaceAssessment>>([.. some.Select(face => new FaceAssessment(
                1 / 3f, 0.5f, 0.25f, face.Confidence, face.Box.X + face.Box.Height,
                face.Crop.Rgb.Span[0] % 2 == 0 ? null : new FacePose(1.5f, -2, BitConverter.ToInt32(face.Crop.Rgb.Span)),
                (Occlusion)(face.Crop.Rgb.Span[0] % 4)))]),
        });

        var assessed = await service.Assessor.AssessAsync(
            [.. faces.Select(face =>
                face with { Crop = face.Crop with { Chip = new FaceChip(new CropShape(CropGeometry.Dlib, 1), new byte[3]) } })],
            Cancel);

        Assert.Equal(
            faces.Select((_, i) => new FaceAssessment(
                1 / 3f, 0.5f, 0.25f, 0.9f, i + (1 / 3f), i % 2 == 0 ? null : new FacePose(1.5f, -2, i), (Occlusion)(i % 4))),
            assessed);
    }

    [Fact]
    public async Task What_identity_tells_of_faces()
    {
        var (reader, face, album) = (new FaceReader("family", "key:ü", null), Guid.NewGuid(), Guid.NewGuid());
        var listed = new ListedFace(face, true, null, "/processed/thumbnails/x.jpg?expires=1&signature=_-", true);
        FaceChange[] changes =
        [
            new(long.MaxValue, face, new AssessedFace(album, 1 / 3f, 0.2f, 1, 0.9f, new FaceBox(1.5f, 2, 3, 4), Points, Occlusion.Eyes | Occlusion.Mouth)),
            new(7, Guid.NewGuid(), null),
        ];
        var (confirmed, told) = (new List<long>(), 0);
        await using var service = await Service.StartAsync(new FakePorts
        {
            FindFaces = (asked, faces) => Task.FromResult<IReadOnlyList<ListedFace>>(asked == reader && faces is [var one] && one == face ? [listed] : []),
            FindAlbum = (asked, id) => asked == reader && id == "a b/ü"
                ? Task.FromResult(album)
                : throw new FailureException(Failure.Forbidden, "Access denied"),
            Changes = limit => Task.FromResult<IReadOnlyList<FaceChange>>(changes[..limit]),
            Confirm = ids =>
            {
                confirmed.AddRange(ids);
                return Task.CompletedTask;
            },
            CountAssessed = () => Task.FromResult(new AssessedFaces(long.MaxValue, 3)),
            TellAllAgain = () =>
            {
                told++;
                return Task.CompletedTask;
            },
        });

        Assert.Equal([listed], await service.Directory.FindAsync(reader, [face], Cancel));
        Assert.Equal(album, await service.Directory.AlbumAsync(reader, "a b/ü", Cancel));
        var denied = await Assert.ThrowsAsync<FailureException>(() => service.Directory.AlbumAsync(reader, "x", Cancel));
        Assert.Equal((Failure.Forbidden, "Access denied"), (denied.Failure, denied.Message));
        Assert.Equal(changes, await service.Directory.ChangesAsync(2, Cancel));
        await service.Directory.ConfirmAsync([long.MaxValue, 7], Cancel);
        Assert.Equal([long.MaxValue, 7], confirmed);
        Assert.Equal(new AssessedFaces(long.MaxValue, 3), await service.Directory.CountAsync(Cancel));
        await service.Directory.TellAllAgainAsync(Cancel);
        Assert.Equal(1, told);
    }

    [Fact]
    public async Task Vectors_that_do_not_belong_together_are_refused_as_the_index_refuses_them()
    {
        await using var service = await Service.StartAsync(new FakePorts());

        var failure = await Assert.ThrowsAsync<FailureException>(
            () => service.Index.UpsertAsync(Recogniser, [FakePorts.Face(1, 4), FakePorts.Face(2, 5)], Cancel));

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
