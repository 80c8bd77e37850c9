using System.Text.Json;
using FaceCloud.Contracts.Faces;
using FaceCloud.Detection.Networks;
using FaceCloud.Imaging;
using FaceCloud.Inference;
using FaceCloud.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FaceCloud.Detection.Tests;

/// <summary>The detector of the open pack, which is made of weights that came with the program: nothing else is needed.</summary>
public sealed class OpenDetectorTests : IDisposable
{
    private static readonly ModelStore Models = new(Options.Create(new ModelOptions()), ModelRegistry.Default, NullLogger<ModelStore>.Instance);

    private readonly Network _detector = Models.Load(ModelRole.Detector);
    private readonly Network _landmarks = Models.Load(ModelRole.Landmarks);

    public void Dispose()
    {
        _detector.Dispose();
        _landmarks.Dispose();
    }

    [Fact]
    public void Boxes_are_where_the_library_places_them()
    {
        // What face-api answers to the same pixels: tools/open-pack-reference.mjs.
        var reference = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "open-pack-reference.json")))
            .RootElement.GetProperty("ssd_mobilenetv1");
        var every = reference.GetProperty("every").GetInt32();
        const int Side = 512;
        var planes = new float[3 * Side * Side];
        for (var i = 0; i < planes.Length; i++)
        {
            var (c, y, x) = (i / (Side * Side), i / Side % Side, i % Side);
            planes[i] = ((((x * (c + 2)) + (y * (3 - c)) + ((x * y) >> 4)) & 255) / 127.5f) - 1;
        }

        using var outputs = _detector.Session.Run(planes, 1, 3, Side, Side);
        var found = new List<Candidate>();
        Ssd.Read(_detector.Session.Outputs, outputs, Side, Side, minScore: 0, found);

        var boxes = found.Where((_, i) => i % every == 0).Select(candidate => candidate.Box).ToList();
        var expected = reference.GetProperty("boxes").EnumerateArray().Select(box => box.EnumerateArray().Select(edge => edge.GetSingle()).ToArray()).ToList();
        Assert.Equal(expected.Count, boxes.Count);
        Assert.All(expected.Zip(boxes), pair =>
        {
            // As [top, left, bottom, right].
            var (edges, box) = pair;
            Assert.Equal(edges[0], box.Y, 0.01f);
            Assert.Equal(edges[1], box.X, 0.01f);
            Assert.Equal(edges[2], box.Bottom, 0.01f);
            Assert.Equal(edges[3], box.Right, 0.01f);
        });
    }

    [Fact]
    public void However_the_box_is_drawn_the_landmarks_are_the_same()
    {
        using var image = ImageDecoder.Decode(File.ReadAllBytes(TestFiles.Photo("rotated", "rot_0.jpg")), 1280, new ImagingOptions());
        var box = Assert.Single(new FaceSearch(_detector, new DetectionOptions()).Find(image.Pixels)).Box;
        var points = Landmarks68.Find(_landmarks, image.Pixels, box).ToArray();
        var moved = Landmarks68.Find(
            _landmarks, image.Pixels, new FaceBox(box.X - (0.05f * box.Width), box.Y, box.Width * 1.1f, box.Height * 1.1f)).ToArray();

        var eyes = points[1].X - points[0].X;
        Assert.True(points[0].Y < points[3].Y && points[0].X < points[2].X && points[2].X < points[1].X);
        Assert.All(points.Zip(moved), pair => Assert.InRange(
            Math.Max(Math.Abs(pair.First.X - pair.Second.X), Math.Abs(pair.First.Y - pair.Second.Y)), 0, 0.08f * eyes));
    }

    [Fact]
    public void A_face_that_fills_the_photo_is_found_whole_by_a_look_from_afar()
    {
        using var image = ImageDecoder.Decode(File.ReadAllBytes(TestFiles.Photo("rotated", "rot_0.jpg")), 1280, new ImagingOptions());
        var search = new FaceSearch(_detector, new DetectionOptions());
        var box = Assert.Single(search.Find(image.Pixels)).Box;

        // Nothing but the face.
        using var filled = new RgbImage((int)box.Width, (int)box.Height);
        FaceAligner.Warp(image.Pixels, new SimilarityTransform(1, 0, -box.X, -box.Y), filled);
        var found = search.Find(filled)[0].Box;

        Assert.True(found.IntersectionOverUnion(new FaceBox(0, 0, filled.Width, filled.Height)) > 0.6f);
    }
}
