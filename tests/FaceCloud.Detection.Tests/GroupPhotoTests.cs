using System.Globalization;
using System.Text.Json.Nodes;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Imaging;
using FaceCloud.Inference;
using FaceCloud.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FaceCloud.Detection.Tests;

/// <summary>The detector of the open pack on labelled photos of groups. The figures are printed.</summary>
public sealed class GroupPhotoTests(ITestOutputHelper output)
{
    private const float Same = 0.5f;
    private const float LeastHeight = 20;

    [Fact]
    public async Task Small_faces_are_found_and_little_else_is()
    {
        var truth = JsonNode.Parse(await File.ReadAllTextAsync(TestFiles.Photo("groups", "boxes.json")))!.AsObject()
            .Select(photo => (
                File: photo.Key,
                Faces: photo.Value!.AsArray().Select(face => (Box: Box(face!["box"]!), Counts: (int)face["invalid"]! == 0)).ToList()))
            .ToList();
        using var detector = new FaceDetector(
            new ModelStore(Options.Create(new ModelOptions()), ModelRegistry.Default, NullLogger<ModelStore>.Instance),
            Options.Create(new DetectionOptions()), Options.Create(new ImagingOptions()));
        var (wanted, hit, boxes, wrong) = (0, 0, 0, 0);
        await Parallel.ForEachAsync(truth, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, async (photo, cancelled) =>
        {
            var detection = await detector.DetectAsync(
                await File.ReadAllBytesAsync(TestFiles.Photo("groups", photo.File), cancelled), new DetectionRequest(), cancelled);
            var found = detection.Faces.Select(face => face.Box).ToList();
            var valid = photo.Faces.Where(face => face.Counts && face.Box.Height >= LeastHeight).ToList();
            Interlocked.Add(ref wanted, valid.Count);
            Interlocked.Add(ref hit, valid.Count(face => found.Exists(box => box.IntersectionOverUnion(face.Box) >= Same)));
            Interlocked.Add(ref boxes, found.Count);
            Interlocked.Add(ref wrong, found.Count(box => !photo.Faces.Exists(face => box.IntersectionOverUnion(face.Box) >= Same)));
        });

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Group photos: {hit} of {wanted} faces found (recall {(double)hit / wanted:F3}); "
                + $"{wrong} of {boxes} boxes match no face ({100.0 * wrong / boxes:F1} %)."));
        Assert.True(hit >= 0.67 * wanted);
        Assert.True(wrong <= 0.07 * boxes);
    }

    private static FaceBox Box(JsonNode array) => array.AsArray().Select(number => (float)number!).ToArray() switch
    {
        var n => new FaceBox(n[0], n[1], n[2], n[3]),
    };
}
