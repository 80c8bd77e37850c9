using System.Numerics.Tensors;
using BenchmarkDotNet.Attributes;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.VectorSearch;
using FaceCloud.VectorSearch.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FaceCloud.Benchmarks;

/// <summary>
/// The ten nearest of 100,000 random faces of 512 dimensions: the embedded index (8-bit scan, exact rescoring) beside the plainest exact
/// search, one fp32 dot product per face. The ratio is what counts; both read all faces once per pass.
/// </summary>
public class IndexSearch : IDisposable
{
    private const int Faces = 100_000;
    private const int Dimension = 512;
    private const int Limit = 10;
    private const string Recogniser = "benchmark";

    private readonly IndexFilter _filter = new(GalleryId: 1);
    private readonly float[] _rows = new float[Faces * Dimension];
    private readonly FaceEmbedding[] _probes = new FaceEmbedding[4];
    private string _folder = "";
    private EmbeddedFaceIndex? _index;

    // Set-up and searches wait for their tasks themselves: the in-process runner of BenchmarkDotNet 0.14 does not.
    [GlobalSetup]
    public void SetUp()
    {
        var random = new Random(1);
        for (var face = 0; face < Faces; face++)
        {
            Fill(_rows.AsSpan(face * Dimension, Dimension), random);
        }

        for (var i = 0; i < _probes.Length; i++)
        {
            var probe = new float[Dimension];
            Fill(probe, random);
            _probes[i] = new FaceEmbedding(probe);
        }

        _folder = Directory.CreateTempSubdirectory("facecloud-benchmark-").FullName;
        _index = new EmbeddedFaceIndex(Options.Create(new VectorSearchOptions { Path = _folder }), NullLogger<EmbeddedFaceIndex>.Instance);
        _index.UpsertAsync(
            Recogniser,
            [.. Enumerable.Range(0, Faces).Select(id => new IndexedFace(id, 1, null, null, new FaceEmbedding(_rows.AsMemory(id * Dimension, Dimension))))],
            CancellationToken.None).GetAwaiter().GetResult();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _index!.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true)]
    public int FullPrecisionScan()
    {
        var best = new PriorityQueue<int, float>();
        for (var face = 0; face < Faces; face++)
        {
            var cosine = TensorPrimitives.Dot(_rows.AsSpan(face * Dimension, Dimension), _probes[0].Vector.Span);
            if (best.Count < Limit)
            {
                best.Enqueue(face, cosine);
            }
            else
            {
                best.EnqueueDequeue(face, cosine);
            }
        }

        return best.Count;
    }

    [Benchmark]
    public int OneProbe() => Search(1, Limit);

    [Benchmark]
    public int OneProbeHundredNearest() => Search(1, 100);

    [Benchmark]
    public int FourProbes() => Search(4, Limit);

    private int Search(int probes, int limit) =>
        _index!.SearchAsync(Recogniser, _probes[..probes], limit, _filter, CancellationToken.None).GetAwaiter().GetResult()[0].Count;

    private static void Fill(Span<float> vector, Random random)
    {
        foreach (ref var value in vector)
        {
            value = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble()));
        }

        TensorPrimitives.Divide(vector, TensorPrimitives.Norm(vector), vector);
    }
}
