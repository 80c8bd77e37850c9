extern alias EmbeddingService;

using System.Diagnostics;
using System.Globalization;
using FaceCloud.Contracts.Ports;
using FaceCloud.Detection;
using EmbeddingService::FaceCloud.Embedding;
using FaceCloud.Identity.Data;
using FaceCloud.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FaceCloud.Identity.Tests;

/// <summary>What the pipeline costs on top of the networks.</summary>
public sealed class PipelineThroughputTests(DatabaseServer databases, ITestOutputHelper output)
{
    private const int Photos = 120;
    private const int WarmUp = 20;

    [Fact]
    public async Task Photos_per_second_beside_the_bare_calls_of_detection_and_embedding()
    {
        var models = TestFiles.Models;
        var files = new List<byte[]>();
        foreach (var path in Directory.EnumerateFiles(TestFiles.Photo("people"), "*.jpg", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Take(Photos))
        {
            files.Add(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        }

        await using var library = await RunningLibrary.NewAsync(
            databases,
            builder =>
            {
                (builder.Configuration["Models:Path"], builder.Configuration["Models:AcceptLicenses"]) = (models, "noncommercial");
                builder.AddDetection();
                builder.AddEmbedding();
            });
        foreach (var file in files)
        {
            await library.AddAsync(file);
        }

        // Counted from a moment when all is warm.
        await library.StartAsync();
        await DoneAsync(library, WarmUp);
        var clock = Stopwatch.StartNew();
        var before = await ProcessedAsync(library);
        await DoneAsync(library, Photos);
        var pipeline = (Photos - before) / clock.Elapsed.TotalSeconds;

        var detector = library.Services.GetRequiredService<IFaceDetector>();
        var embedder = library.Services.GetRequiredService<IFaceEmbedder>();
        var faces = 0;
        clock.Restart();
        await Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, async (file, cancellation) =>
        {
            var detection = await detector.DetectAsync(file, new DetectionRequest(Crops: true, Attributes: true), cancellation);
            var embeddings = await embedder.EmbedAsync([.. detection.Faces.Select(face => face.Crop!)], cancellation);
            Interlocked.Add(ref faces, embeddings.Faces.Count);
        });
        var bare = Photos / clock.Elapsed.TotalSeconds;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{pipeline:F1} photos/s through the pipeline, {bare:F1} photos/s of detection and embedding alone: {pipeline / bare:P0}."));
        Assert.Equal(faces, await library.WithDbAsync(db => db.Faces.CountAsync(TestContext.Current.CancellationToken)));
    }

    private static Task<int> ProcessedAsync(RunningLibrary library) =>
        library.WithDbAsync(db => db.Photos.CountAsync(photo => photo.Status >= PhotoStatus.Processed));

    private static Task DoneAsync(RunningLibrary library, int photos) =>
        Eventually.BecomesTrueAsync(async () => await ProcessedAsync(library) >= photos, $"{photos} photos are processed");
}
