extern alias EmbeddingService;

using EmbeddingService::FaceCloud.Embedding;
using FaceCloud.Contracts.Ports;
using FaceCloud.Detection;
using FaceCloud.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FaceCloud.Identity.Tests;

/// <summary>The largest face of each labelled photo, as the real networks describe it; once for all tests.</summary>
internal static class LabelledFaces
{
    private static readonly Lazy<Task<IReadOnlyList<(string Person, float[] Vector)>>> All = new(DescribeAsync);

    public static Task<IReadOnlyList<(string Person, float[] Vector)>> AllAsync() => All.Value;

    private static async Task<IReadOnlyList<(string Person, float[] Vector)>> DescribeAsync()
    {
        var files = Directory.EnumerateDirectories(TestFiles.Photo("people")).Order(StringComparer.Ordinal)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.jpg").Order(StringComparer.Ordinal)).ToArray();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Models:Path"] = TestFiles.Models,
            ["Models:AcceptLicenses"] = "noncommercial",
        });
        builder.AddDetection();
        builder.AddEmbedding();
        await using var networks = builder.Services.BuildServiceProvider();
        var (detector, embedder) = (networks.GetRequiredService<IFaceDetector>(), networks.GetRequiredService<IFaceEmbedder>());
        var vectors = new float[files.Length][];
        await Parallel.ForAsync(0, files.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, async (i, cancelled) =>
        {
            var detection = await detector.DetectAsync(await File.ReadAllBytesAsync(files[i], cancelled), new DetectionRequest(Crops: true), cancelled);
            if (detection.Faces is [var largest, ..])
            {
                vectors[i] = (await embedder.EmbedAsync([largest.Crop!], cancelled)).Faces[0].Vector.ToArray();
            }
        });
        return [.. files.Zip(vectors).Where(pair => pair.Second is not null)
            .Select(pair => (Path.GetFileName(Path.GetDirectoryName(pair.First)!), pair.Second))];
    }
}
