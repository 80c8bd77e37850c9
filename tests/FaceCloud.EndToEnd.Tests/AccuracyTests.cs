using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics.Tensors;
using System.Text.Json.Nodes;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>What the product is for, measured on labelled photos. The figures are printed.</summary>
public sealed class AccuracyTests(RunningFaceCloud facecloud, ITestOutputHelper output) : IClassFixture<RunningFaceCloud>
{
    private static readonly ParallelOptions Clients = new() { MaxDegreeOfParallelism = 2 * Environment.ProcessorCount };

    [Fact]
    public async Task Thirty_people_enrolled_by_one_photo_are_named_in_their_others_and_strangers_are_not()
    {
        using var http = facecloud.Gallery("thirty");
        var people = People.WithSeveralPhotos.Take(30).ToList();
        foreach (var (name, photos) in people)
        {
            await http.AddAsync(name, photos[0]);
        }

        var probes = people.SelectMany(person => person.Photos.Skip(1).Select(photo => (person.Name, Photo: photo))).ToList();
        var right = 0;
        await Parallel.ForEachAsync(probes, Clients, async (probe, _) =>
        {
            if (DeviceClient.Largest(await http.RecognizeAsync(probe.Photo)) == probe.Name)
            {
                Interlocked.Increment(ref right);
            }
        });

        var strangers = People.SinglePhotos.Take(300).ToList();
        var named = 0;
        await Parallel.ForEachAsync(strangers, Clients, async (photo, _) =>
        {
            if ((await http.RecognizeAsync(photo))["faces"]!.AsArray().Any(face => (string?)face!["identity"] != "Unknown"))
            {
                Interlocked.Increment(ref named);
            }
        });

        output.WriteLine($"Recognised {right} of {probes.Count} ({100.0 * right / probes.Count:F1} %); named {named} of {strangers.Count} strangers.");
        Assert.Equal(300, strangers.Count);
        Assert.True(right >= 0.96 * probes.Count);
        Assert.True(named <= 3);
    }

    [Fact]
    public async Task Photos_of_the_same_person_are_told_from_photos_of_different_people()
    {
        var vectors = new ConcurrentDictionary<string, float[]?>();
        await Parallel.ForEachAsync(
            People.WithSeveralPhotos.SelectMany(person => person.Photos), Clients,
            async (photo, _) => vectors[photo] = await facecloud.Http.EmbedAsync(photo));
        var missed = vectors.Count(pair => pair.Value is null);

        var people = People.WithSeveralPhotos
            .Select(person => person.Photos.Where(photo => vectors[photo] is not null).ToArray()).Where(photos => photos.Length > 1).ToList();
        var same = people.SelectMany(photos => photos.SelectMany((a, i) => photos.Skip(i + 1).Select(b => (a, b)))).ToList();

        // As many pairs of different people, fixed by the seed: the figure is the same in every run.
        var random = new Random(1);
        var different = Enumerable.Range(0, same.Count).Select(_ =>
        {
            var first = random.Next(people.Count);
            var second = (first + 1 + random.Next(people.Count - 1)) % people.Count;
            return (a: people[first][random.Next(people[first].Length)], b: people[second][random.Next(people[second].Length)]);
        }).ToList();

        float Cosine((string a, string b) pair) => TensorPrimitives.Dot<float>(vectors[pair.a], vectors[pair.b]);
        var accuracy = TenFoldAccuracy([.. same.Select(Cosine)], [.. different.Select(Cosine)]);
        output.WriteLine(
            $"Verification accuracy {100 * accuracy:F2} % on {same.Count} + {different.Count} pairs; "
                + $"{missed} of {vectors.Count} photos without a face.");
        Assert.True(accuracy >= 0.99);
    }

    [Fact]
    public async Task Faces_in_group_photos_are_found_and_little_else()
    {
        var truth = JsonNode.Parse(await File.ReadAllTextAsync(TestFiles.Photo("groups", "boxes.json")))!.AsObject();
        var (wanted, hit, boxes, wrong) = (0, 0, 0, 0);
        foreach (var (file, faces) in truth)
        {
            var detection = await facecloud.Http.DetectAsync(TestFiles.Photo("groups", file));
            var found = detection["faces"]!.AsArray().Select(face => Box(face!["bbox"]!)).ToList();
            var labelled = faces!.AsArray().Select(face => (Box: Box(face!["box"]!), Counts: (int)face["invalid"]! == 0)).ToList();
            var valid = labelled.Where(face => face.Counts && face.Box.Height >= 20).ToList();
            wanted += valid.Count;
            hit += valid.Count(face => found.Any(box => Overlap(box, face.Box) >= 0.5));
            boxes += found.Count;
            wrong += found.Count(box => !labelled.Any(face => Overlap(box, face.Box) >= 0.5));
        }

        output.WriteLine(
            $"Group photos: {hit} of {wanted} faces found (recall {(double)hit / wanted:F3}); "
                + $"{wrong} of {boxes} boxes match no face ({100.0 * wrong / boxes:F1} %).");
        Assert.True(hit >= 0.78 * wanted);
        Assert.True(wrong <= 0.04 * boxes);
    }

    [Fact]
    public async Task Boxes_landmarks_and_cosines_agree_with_an_independent_implementation()
    {
        const double Pixels = 2, Cosine = 0.05;
        var reference = JsonNode.Parse(await File.ReadAllTextAsync(TestFiles.Photo("reference", "reference-arcface.json")))!;
        var vectors = new List<float[]>();
        double worstBox = 0, worstPoint = 0, worstCosine = 0;
        foreach (var image in reference["images"]!.AsArray())
        {
            var photo = TestFiles.Photo("reference", (string)image!["file"]!);
            var face = (await facecloud.Http.DetectAsync(photo, landmarks: true))["faces"]![0]!;
            var box = Box(face["bbox"]!);
            var expected = Numbers(image["box"]!);
            worstBox = new[]
            {
                worstBox, Off(box.X, expected[0]), Off(box.Y, expected[1]), Off(box.X + box.Width, expected[2]), Off(box.Y + box.Height, expected[3])
            }.Max();
            worstPoint = Math.Max(worstPoint, face["landmarks"]!.AsArray().SelectMany(point => Numbers(point!))
                .Zip(image["landmarks"]!.AsArray().SelectMany(point => Numbers(point!)), Off).Max());
            vectors.Add((await facecloud.Http.EmbedAsync(photo))!);
        }

        var cosines = reference["cosines"]!.AsArray();
        for (var a = 0; a < vectors.Count; a++)
        {
            for (var b = a + 1; b < vectors.Count; b++)
            {
                worstCosine = Math.Max(worstCosine, Off(TensorPrimitives.Dot<float>(vectors[a], vectors[b]), (double)cosines[a]![b]!));
            }
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Reference: boxes within {worstBox:F2} px, landmarks within {worstPoint:F2} px, cosines within {worstCosine:F3}."));
        Assert.InRange(worstBox, 0, Pixels);
        Assert.InRange(worstPoint, 0, Pixels);
        Assert.InRange(worstCosine, 0, Cosine);
    }

    private static double Off(double a, double b) => Math.Abs(a - b);

    private static double[] Numbers(JsonNode array) => [.. array.AsArray().Select(number => (double)number!)];

    private static (double X, double Y, double Width, double Height) Box(JsonNode array) => Numbers(array) switch
    {
        var n => (n[0], n[1], n[2], n[3]),
    };

    private static double Overlap((double X, double Y, double Width, double Height) a, (double X, double Y, double Width, double Height) b)
    {
        var width = Math.Max(0, Math.Min(a.X + a.Width, b.X + b.Width) - Math.Max(a.X, b.X));
        var height = Math.Max(0, Math.Min(a.Y + a.Height, b.Y + b.Height) - Math.Max(a.Y, b.Y));
        return width * height / ((a.Width * a.Height) + (b.Width * b.Height) - (width * height));
    }

    /// <summary>As the LFW protocol has it: the threshold is chosen on nine tenths of the pairs and judged on the tenth, ten times.</summary>
    private static double TenFoldAccuracy(float[] same, float[] different)
    {
        var pairs = same.Select((cosine, i) => (Cosine: cosine, Same: true, Fold: i % 10))
            .Concat(different.Select((cosine, i) => (Cosine: cosine, Same: false, Fold: i % 10))).ToList();
        return Enumerable.Range(0, 10).Average(fold =>
        {
            var learn = pairs.Where(pair => pair.Fold != fold).ToList();
            var threshold = Enumerable.Range(0, 200).Select(step => step / 200f).MaxBy(t => learn.Count(pair => pair.Cosine >= t == pair.Same));
            return pairs.Where(pair => pair.Fold == fold).Average(pair => pair.Cosine >= threshold == pair.Same ? 1.0 : 0.0);
        });
    }
}
