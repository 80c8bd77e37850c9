using System.Globalization;
using System.Text;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using DetectionAnswer = FaceCloud.Contracts.Ports.Detection;

namespace FaceCloud.Identity.Tests;

/// <summary>Networks that see what the file says: <c>3 faces of Anna</c>. The same file always shows the same faces.</summary>
internal sealed class FakePorts : IFaceDetector, IFaceEmbedder
{
    private const int Dimension = 16;

    /// <summary>Called before a file is looked at; what it throws, detection throws.</summary>
    public Func<string, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>What becomes of the faces of a file: as with another detector, boxes may differ, and there may be one more or less.</summary>
    public Func<IReadOnlyList<DetectedFace>, IEnumerable<DetectedFace>> Sees { get; set; } = faces => faces;

    /// <summary>Of the recogniser; another one has other vectors.</summary>
    public string RecogniserName { get; set; } = "fake-recogniser";

    /// <summary>The recogniser does not answer.</summary>
    public bool IsAway { get; set; }

    public static byte[] File(int faces, string name) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{faces} faces of {name}"));

    public async Task<DetectionAnswer> DetectAsync(ReadOnlyMemory<byte> image, DetectionRequest request, CancellationToken cancellationToken)
    {
        var text = Encoding.UTF8.GetString(image.Span);
        await Before(text, cancellationToken);
        var faces = int.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture);
        var all = Sees([.. Enumerable.Range(0, faces).Select(i => new DetectedFace(
            new FaceBox(10 * i, 20, 30, 40), default, 0.9f, new FaceAttributes(30 + i, Gender.Female, 0.8f), Crop(text, i),
            request.Portraits ? new FacePortrait(image, new FaceBox(10 * i, 20, 30, 40)) : null))]);
        return new DetectionAnswer(
            640, 480,
            [.. request.Within is { } box ? all.Where(face => face.Box.IntersectionOverUnion(box) > 0.9) : all],
            "fake", new DateTime(2023, 4, 5, 6, 7, 8));
    }

    public Task<Embeddings> EmbedAsync(IReadOnlyList<FaceCrop> crops, CancellationToken cancellationToken) => IsAway
        ? throw new FailureException(Failure.Unavailable, "The embedding service does not answer.")
        : Task.FromResult(new Embeddings(
            new Recogniser(RecogniserName, Dimension, new Calibration(0.3, 14), "MIT", "0"),
            [.. crops.Select(crop =>
                new FaceEmbedding(Unit([.. crop.Rgb.ToArray().Skip(RecogniserName.Length).Take(Dimension).Select(value => value + 1f)])))]));

    /// <summary>How a face looks.</summary>
    public static FaceCrop Crop(string text, int face)
    {
        var pixels = new byte[FaceCrop.Bytes];
        new Random(text.Sum(c => c) + face).NextBytes(pixels);
        return new FaceCrop(pixels);
    }

    private static float[] Unit(float[] vector)
    {
        var norm = MathF.Sqrt(vector.Sum(value => value * value));
        return [.. vector.Select(value => value / norm)];
    }
}
