using System.Globalization;
using System.Text.Json;
using FaceCloud.Inference.OpenPack;

namespace FaceCloud.Inference.Tests;

/// <summary>
/// The networks made of the open pack's weights against the libraries these come from, on the same pixels. What those answered is in
/// <c>open-pack-reference.json</c>, written by <c>tools/open-pack-reference.mjs</c>.
/// </summary>
public sealed class OpenPackTests(ITestOutputHelper output)
{
    private const double Tolerance = 2e-5;

    private static readonly OpenPackNetworks Networks = new(OpenPackFiles.Default);

    private static readonly JsonElement Reference = JsonDocument.Parse(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "open-pack-reference.json"))).RootElement;

    [Fact]
    public void The_detector_scores_and_places_anchors_as_the_library_does()
    {
        var reference = Reference.GetProperty("ssd_mobilenetv1");
        var every = reference.GetProperty("every").GetInt32();
        using var session = InferenceSession.Load(Networks.SsdMobilenet());
        using var outputs = session.Run([.. Picture(512).Select(value => (value / 127.5f) - 1)], 1, 3, 512, 512);
        Assert.Equal([1, 5118, 4], outputs.Shape(0).ToArray());

        // Of box and anchor [top, left, bottom, right]: SSD's encoding, with its variances 10 and 5.
        var expected = reference.GetProperty("boxes").EnumerateArray().Select(Numbers).Zip(
            reference.GetProperty("anchors").EnumerateArray().Select(Numbers), (box, anchor) =>
        {
            var (height, width) = (anchor[2] - anchor[0], anchor[3] - anchor[1]);
            return new[]
            {
                10 * (box[0] + box[2] - anchor[0] - anchor[2]) / 2 / height,
                10 * (box[1] + box[3] - anchor[1] - anchor[3]) / 2 / width,
                5 * Math.Log((box[2] - box[0]) / height),
                5 * Math.Log((box[3] - box[1]) / width),
            };
        }).SelectMany(encoding => encoding).ToArray();
        var boxes = outputs[0].ToArray().Chunk(4).Where((_, i) => i % every == 0).SelectMany(box => box).ToArray();

        Compare("encodings", expected, boxes, tolerance: 2e-4);
        Compare("scores", Numbers(reference.GetProperty("scores")), [.. outputs[1].ToArray().Where((_, i) => i % every == 0)]);
    }

    [Fact]
    public void The_detector_takes_images_of_any_size()
    {
        using var session = InferenceSession.Load(Networks.SsdMobilenet());
        using var outputs = session.Run(new float[3 * 96 * 160], 1, 3, 96, 160);

        // Grids of 10 x 6, 5 x 3, 3 x 2, 2 x 1, 1 x 1 and 1 x 1; three anchors in a cell of the first, six in others.
        Assert.Equal((3 * 60) + (6 * (15 + 6 + 2 + 1 + 1)), outputs[1].Length);
    }

    [Fact]
    public void Landmarks_are_where_the_library_finds_them() =>
        Compare("landmarks", Numbers(Reference.GetProperty("face_landmark_68")), Run(Networks.Landmarks(), 112)[0]);

    [Fact]
    public void Descriptors_are_the_library_s() =>
        Compare("face_recognition", Numbers(Reference.GetProperty("face_recognition")), Run(Networks.Descriptor(), 150)[0]);

    [Fact]
    public void Age_and_gender_are_the_library_s()
    {
        var reference = Reference.GetProperty("age_gender");
        var values = Run(Networks.AgeGender(), 112);
        var male = 1 / (1 + Math.Exp(values[1][1] - values[1][0]));
        Compare("age in years", Numbers(reference.GetProperty("age")), values[0], tolerance: 2e-4);
        Compare("male, female", Numbers(reference.GetProperty("gender")), [(float)male, (float)(1 - male)]);
    }

    [Fact]
    public void Descriptions_are_those_of_the_graph_model()
    {
        var reference = Reference.GetProperty("faceres");
        var values = Run(Networks.Description(), 224);
        var every = reference.GetProperty("every").GetInt32();
        Compare("faceres", Numbers(reference.GetProperty("descriptor")), [.. values[0].Where((_, i) => i % every == 0)]);
        Compare("gender", Numbers(reference.GetProperty("gender")), values[1]);
        Compare("age", Numbers(reference.GetProperty("age")), values[2]);
    }

    [Fact]
    public void The_networks_against_deceit_answer_as_their_graph_models()
    {
        Compare("antispoof", Numbers(Reference.GetProperty("antispoof")), Run(Networks.Antispoof(), 128, 255)[0]);
        Compare("liveness", Numbers(Reference.GetProperty("liveness")), Run(Networks.Liveness(), 32, 255)[0]);
    }

    [Fact]
    public void The_recogniser_joins_both_descriptors_of_its_parts()
    {
        // The parts, each by the network that was compared with its library above: the chip, the same from nearer, and their mirror images.
        var pixels = Picture(Wide);
        var chip = Window(pixels, Wide, 22, 32, Chip);
        var near = Enlarged(Window(chip, Chip, 7, 7, Chip - 14), Chip - 14, Chip);
        var descriptor = UnitMean([.. new[] { chip, near, Mirrored(chip, Chip), Mirrored(near, Chip) }
            .Select(planes => Run(Networks.Descriptor(), planes, Chip)[0])]);

        // Values go to faceres as blue, green and red, less its means.
        var face = Enlarged(pixels, Wide, 224);
        float[] means = [103.939f, 116.779f, 123.68f];
        var bgr = new float[face.Length];
        for (var i = 0; i < bgr.Length; i++)
        {
            var (plane, rest) = (i / (224 * 224), i % (224 * 224));
            bgr[i] = face[((2 - plane) * 224 * 224) + rest] - means[plane];
        }

        var description = UnitMean([.. new[] { bgr, Mirrored(bgr, 224) }.Select(planes => Run(Networks.Description(), planes, 224)[0])]);

        var joined = Run(Networks.Recogniser(FusionBasis.Embedded), pixels, Wide)[0];
        var parts = Run(Networks.Descriptors(), pixels, Wide);

        Assert.Equal(512, joined.Length);
        Compare("descriptor in the recogniser", [.. descriptor.Select(value => (double)value)], joined[..128]);
        Compare("the same among the parts", [.. descriptor.Select(value => (double)value)], parts[0]);
        Compare("description among the parts", [.. description.Select(value => (double)value)], parts[1]);
        Compare("components", [.. FusionBasis.Embedded.Apply(parts[1]).Select(value => (double)OpenPackNetworks.DescriptionWeight * value)], joined[128..]);
    }

    private const int Wide = 194;
    private const int Chip = 150;

    private static float[] UnitMean(float[][] vectors)
    {
        var sum = Enumerable.Range(0, vectors[0].Length).Select(i => vectors.Sum(vector => vector[i])).ToArray();
        var length = MathF.Sqrt(sum.Sum(value => value * value));
        return [.. sum.Select(value => value / length)];
    }

    private static float[] Window(float[] planes, int width, int left, int top, int side) =>
        Planes(side, (c, y, x) => planes[(c * width * width) + ((y + top) * width) + left + x]);

    private static float[] Mirrored(float[] planes, int side) => Planes(side, (c, y, x) => planes[(c * side * side) + (y * side) + side - 1 - x]);

    /// <summary>Bilinear, with pixel centres at halves.</summary>
    private static float[] Enlarged(float[] planes, int from, int to)
    {
        return Planes(to, (c, y, x) =>
        {
            var (top, down) = Place(y);
            var (left, right) = Place(x);
            float At(int row, int column) => planes[(c * from * from) + (Math.Min(row, from - 1) * from) + Math.Min(column, from - 1)];
            return ((1 - down) * (((1 - right) * At(top, left)) + (right * At(top, left + 1))))
                + (down * (((1 - right) * At(top + 1, left)) + (right * At(top + 1, left + 1))));
        });

        (int Pixel, float Beyond) Place(int i)
        {
            var at = Math.Clamp(((i + 0.5f) * from / to) - 0.5f, 0, from - 1);
            return ((int)at, at - (int)at);
        }
    }

    private static float[] Planes(int side, Func<int, int, int, float> value)
    {
        var planes = new float[3 * side * side];
        for (var i = 0; i < planes.Length; i++)
        {
            planes[i] = value(i / (side * side), i / side % side, i % side);
        }

        return planes;
    }

    private static float[][] Run(byte[] network, int side, float divisor = 1) => Run(network, [.. Picture(side).Select(value => value / divisor)], side);

    private static float[][] Run(byte[] network, float[] planes, int side)
    {
        using var session = InferenceSession.Load(network);
        using var outputs = session.Run(planes, 1, 3, side, side);
        var values = new float[outputs.Count][];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = outputs[i].ToArray();
        }

        return values;
    }

    /// <summary>The picture of the script, by planes.</summary>
    private static float[] Picture(int side) => Planes(side, (c, y, x) => ((x * (c + 2)) + (y * (3 - c)) + ((x * y) >> 4)) & 255);

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetDouble())];

    private void Compare(string what, double[] expected, float[] actual, double tolerance = Tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        var worst = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {expected.Length} values within {worst:E1} of the library's."));
        Assert.InRange(worst, 0, tolerance);
    }
}
