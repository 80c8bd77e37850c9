using BenchmarkDotNet.Attributes;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Detection;
using FaceCloud.Embedding;
using FaceCloud.Imaging;
using FaceCloud.Inference;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FaceCloud.Benchmarks;

/// <summary>
/// From JPEG files to embeddings, beside nothing but the same networks run as often on inputs of the same size: how much of the limit that the
/// networks set is reached. One caller and one core on both sides; needs FACECLOUD_MODELS and FACECLOUD_PHOTOS.
/// </summary>
public class Pipeline : IDisposable
{
    private const int Photos = 12;

    private readonly List<byte[]> _files = [];
    private readonly List<(float[] Input, long[] Shape)> _detectorInputs = [];
    private readonly float[] _crop = new float[FaceCrop.Bytes];
    private FaceDetector? _detector;
    private FaceEmbedder? _embedder;
    private int _faces;

    /// <summary>Group photos of about a megapixel, or portraits of 250 x 250 pixels.</summary>
    [Params("groups", "reference")]
    public string Set { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        var models = new ModelStore(
            Options.Create(new ModelOptions
            {
                Path = Environment.GetEnvironmentVariable(ModelOptions.PathVariable),
                AcceptLicenses = [ModelOptions.NonCommercial],
                Cores = 1
            }),
            ModelRegistry.Default,
            NullLogger<ModelStore>.Instance);
        var options = new DetectionOptions();
        _detector = new FaceDetector(models, Options.Create(options), Options.Create(new ImagingOptions()));
        _embedder = new FaceEmbedder(models);
        _detector.WarmUp();
        _embedder.WarmUp();

        var folder = Path.Combine(Environment.GetEnvironmentVariable("FACECLOUD_PHOTOS")!, Set);
        foreach (var file in Directory.GetFiles(folder, "*.jpg").Order(StringComparer.Ordinal).Take(Photos))
        {
            var bytes = File.ReadAllBytes(file);
            _files.Add(bytes);
            var detection = _detector.DetectAsync(bytes, new DetectionRequest(), CancellationToken.None).GetAwaiter().GetResult();
            _faces += detection.Faces.Count;
            var longer = Math.Max(detection.ImageWidth, detection.ImageHeight);
            var scale = (double)Math.Clamp(longer, options.MinSide, options.MaxSide) / longer;
            long Side(int side) => ((long)Math.Round(side * scale) + 31) / 32 * 32;
            long[] shape = [1, 3, Side(detection.ImageHeight), Side(detection.ImageWidth)];
            _detectorInputs.Add((Noise((int)(3 * shape[2] * shape[3])), shape));
        }

        Noise(_crop.Length).CopyTo(_crop, 0);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _detector!.Dispose();
        _embedder!.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true)]
    public void NetworksAlone()
    {
        foreach (var (input, shape) in _detectorInputs)
        {
            _detector!.Network.Session.Run(input, shape).Dispose();
        }

        for (var face = 0; face < _faces; face++)
        {
            _embedder!.Network.Session.Run(_crop, 1, 3, FaceCrop.Side, FaceCrop.Side).Dispose();
        }
    }

    [Benchmark]
    public int FilesToEmbeddings()
    {
        var embedded = 0;
        foreach (var file in _files)
        {
            var detection = _detector!.DetectAsync(file, new DetectionRequest(Crops: true), CancellationToken.None).GetAwaiter().GetResult();
            embedded += _embedder!.EmbedAsync([.. detection.Faces.Select(face => face.Crop!)], CancellationToken.None).GetAwaiter().GetResult().Faces.Count;
        }

        return embedded;
    }

    // Zeros would let the networks skip work that pixels do not.
    private static float[] Noise(int length)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, length).Select(_ => (float)((random.NextDouble() * 2) - 1))];
    }
}
