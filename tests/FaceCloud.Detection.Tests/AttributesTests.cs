using System.Globalization;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Imaging;
using FaceCloud.Inference;
using FaceCloud.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FaceCloud.Detection.Tests;

/// <summary>Age and gender in both packs, on photos that are labelled with them. The figures are printed.</summary>
public sealed class AttributesTests(ITestOutputHelper output)
{
    private const float Sure = 0.9f;

    [Fact]
    public Task The_open_pack_says_age_and_gender_and_how_sure_it_is_of_the_gender() => MeasureAsync("open", new ModelOptions());

    [Fact]
    public Task The_arcface_pack_does_so_by_the_same_network() =>
        MeasureAsync("arcface", new ModelOptions { Path = TestFiles.Models, AcceptLicenses = [ModelOptions.NonCommercial] });

    private async Task MeasureAsync(string pack, ModelOptions models)
    {
        var photos = Directory.GetFiles(TestFiles.Photo("ages"), "*.jpg").Order(StringComparer.Ordinal).ToList();
        using var detector = new FaceDetector(
            new ModelStore(Options.Create(models), ModelRegistry.Default, NullLogger<ModelStore>.Instance),
            Options.Create(new DetectionOptions()), Options.Create(new ImagingOptions()));
        Assert.Equal("age_gender", detector.AttributesNetwork!.Description.Name);
        var answers = new FaceAttributes?[photos.Count];
        await Parallel.ForAsync(0, photos.Count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, async (i, cancelled) =>
        {
            var found = await detector.DetectAsync(await File.ReadAllBytesAsync(photos[i], cancelled), new DetectionRequest(Attributes: true), cancelled);
            answers[i] = found.Faces is [var largest, ..] ? largest.Attributes : null;
        });

        // Named by age and sex: 34_1_... is a woman of 34.
        var faces = photos.Select(photo => Path.GetFileName(photo).Split('_')).Zip(answers).Where(face => face.Second is not null)
            .Select(face => (
                Off: Math.Abs(face.Second!.Age - float.Parse(face.First[0], CultureInfo.InvariantCulture)),
                Right: face.Second.Gender == (face.First[1] == "0" ? Gender.Male : Gender.Female),
                Confidence: face.Second.GenderConfidence))
            .ToList();
        var off = faces.Average(face => face.Off);
        var right = faces.Average(face => face.Right ? 1.0 : 0);
        var confidence = faces.Average(face => face.Confidence);
        var sure = faces.Where(face => face.Confidence >= Sure).ToList();
        var rightIfSure = sure.Average(face => face.Right ? 1.0 : 0);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{pack,-8} {faces.Count} of {photos.Count} faces: age off by {off:F1} years on average, gender right in {100 * right:F1} %, "
                + $"of which it was sure at {100 * confidence:F1} %; of {sure.Count} at {100 * Sure} % or more, right in {100 * rightIfSure:F1} %."));
        Assert.True(faces.Count >= 0.92 * photos.Count);
        Assert.InRange(off, 0, 7);
        Assert.True(right >= 0.88);
        Assert.InRange(confidence - right, -0.06, 0.06);
        Assert.True(rightIfSure >= 0.95);
    }
}
