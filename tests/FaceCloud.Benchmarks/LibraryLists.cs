using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using System.Security.Cryptography;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.EmbeddedPostgres;
using FaceCloud.Identity;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Groups;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Messaging;
using FaceCloud.VectorSearch;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StoredEmbedding = FaceCloud.Identity.Data.Embedding;

namespace FaceCloud.Benchmarks;

/// <summary>
/// Every list of the library dialect over HTTP on 10,000 faces, or as many as are asked for, with a PostgreSQL server and an index of its own: the
/// median and the 95th percentile of each call, one caller. The faces are copies of made-up people with noise, half of them still nobody's. Run it
/// with <c>library-lists</c>, or with <c>library-lists 100000</c>. At its end the calls of the quality dialect that look at all faces, each as often as
/// one call of it takes searches of the index, which is what comparing each face with each would take for every face.
/// </summary>
internal static class LibraryLists
{
    private const int FacesEach = 20;
    private const int WarmUp = 5;
    private const int Calls = 60;
    private const int Probes = 64;
    private const double Limit = 100;

    private static readonly Recogniser Recogniser = new("made-up", 512, new Calibration(C0: 0.299, K: 13.9), "MIT", "0");

    public static async Task<int> RunAsync(int count)
    {
        var folder = Directory.CreateTempSubdirectory("facecloud-benchmark-");
        if (OperatingSystem.IsLinux())
        {
            folder.UnixFileMode = (UnixFileMode)0b111_101_101; // a server started by root runs as somebody else
        }

        try
        {
            await using var postgres = await EmbeddedPostgres.EmbeddedPostgres.StartAsync(
                new EmbeddedPostgresOptions { DataFolder = Path.Combine(folder.FullName, "data") }, NullLogger.Instance);
            var builder = WebApplication.CreateBuilder(
            [
                $"--ConnectionStrings:{ServiceNames.IdentityDb}={postgres.ConnectionString}",
                $"--Files:Path={Path.Combine(folder.FullName, "files")}",
                $"--VectorSearch:Path={Path.Combine(folder.FullName, "index")}",
                "--urls=http://127.0.0.1:0",
            ]);
            builder.Logging.SetMinimumLevel(LogLevel.Warning);
            builder.AddServiceDefaults();
            builder.Services.AddSingleton<IFaceEmbedder, SaysItsName>().AddSingleton<IFaceDetector, IsAway>().AddSingleton<IFaceAssessor, IsAway>();
            builder.AddVectorSearch();
            builder.AddMessaging(bus => bus.AddIdentityConsumers());
            builder.AddIdentity();
            await using var app = builder.Build();
            app.UseServiceDefaults();
            app.MapIdentity();

            var (person, faces) = await FillAsync(app.Services, count);
            await app.StartAsync(); // builds the index from the database
            await GroupAsync(app.Services);
            var result = await MeasureAsync(app.Urls.First(), person, faces);
            await MeasureWholeAsync(app, faces.Length);
            return result;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(long Person, long[] Faces)> FillAsync(IServiceProvider services, int count)
    {
        var started = Stopwatch.GetTimestamp();
        var random = new Random(1);
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IdentityDb>();
        await db.Database.MigrateAsync();
        var gallery = await db.GalleryIdAsync("default", CancellationToken.None);
        var people = Enumerable.Range(0, count / FacesEach).Select(_ => Anybody(random)).ToArray();
        var rows = new List<(Face Face, int Person)>();
        for (var photo = 0; photo < count / 2; photo++)
        {
            var taken = DateTime.UtcNow.AddHours(-photo);
            var row = new Photo
            {
                GalleryId = gallery, Sha256 = RandomNumberGenerator.GetBytes(32), Filename = $"IMG_{photo:00000}.jpg", Extension = "jpg",
                TakenAt = taken, Status = PhotoStatus.Processed,
            };
            db.Photos.Add(row);
            for (var ordinal = 0; ordinal < 2; ordinal++)
            {
                var who = random.Next(people.Length);
                var face = new Face
                {
                    GalleryId = gallery, Ordinal = ordinal, Box = new FaceBox(10, 10, 80, 100), Landmarks = new float[10],
                    Confidence = 0.5f + (0.5f * random.NextSingle()), Detector = "made-up", Age = 80 * random.NextSingle(),
                    Gender = (Gender)random.Next(2), GenderConfidence = 0.9f, SeenAt = taken,
                    Embeddings = { new StoredEmbedding { Recogniser = Recogniser.Name, Vector = Like(people[who], 0.75, random) } },
                };
                row.Faces.Add(face);
                rows.Add((face, who));
            }

            if (photo % 100 == 99)
            {
                await db.SaveChangesAsync();
                db.ChangeTracker.Clear();
            }
        }

        await db.SaveChangesAsync();
        db.ChangeTracker.Clear();

        // Two fifths have a person, a tenth waits for a review; the ledger tells of both.
        var ledger = scope.ServiceProvider.GetRequiredService<Ledger>();
        var named = 0L;
        foreach (var somebody in rows.GroupBy(row => row.Person, row => row.Face.Id).OrderBy(group => group.Key).Take(people.Length / 2))
        {
            named = await ledger.DecideAsync(
                gallery,
                new Origin("library", LedgerAction.Assign),
                async decision =>
                {
                    var person = await decision.CreateAsync($"Person {somebody.Key:000}");
                    var faces = await decision.FindFacesAsync([.. somebody]);
                    foreach (var (face, i) in faces.Values.Select((face, i) => (face, i)))
                    {
                        if (i % 5 == 4)
                        {
                            face.Now = FaceState.Proposed(person.Id, 0.8f);
                        }
                        else
                        {
                            decision.Assign(face, person.Id, Assigner.Manual, null);
                        }
                    }

                    return person.Id;
                },
                CancellationToken.None);
        }

        long[] ids = [.. rows.Select(row => row.Face.Id)];
        await scope.ServiceProvider.GetRequiredService<FaceLinking>().NoteAsync(ids, CancellationToken.None);
        await db.Database.ExecuteSqlRawAsync("ANALYZE");
        Console.WriteLine($"{ids.Length} faces written in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s.");
        return (named, ids);
    }

    private static async Task GroupAsync(IServiceProvider services)
    {
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IdentityDb>();
        while (await db.GroupChanges.AnyAsync())
        {
            await timer.WaitForNextTickAsync();
        }

        Console.WriteLine(
            $"Linked and grouped in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s: {await db.FaceLinks.CountAsync()} links, "
            + $"{await db.FaceGroups.CountAsync(group => group.Faces > 1)} groups of several faces.");
        await db.Database.ExecuteSqlRawAsync("ANALYZE");
    }

    private static async Task<int> MeasureAsync(string url, long person, long[] faces)
    {
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        var random = new Random(2);
        long Face() => faces[random.Next(faces.Length)];
        Func<string>[] calls =
        [
            () => "/api/faces/unidentified",
            () => $"/api/faces/unidentified?offset={random.Next(4000)}",
            () => "/api/faces/unidentified?limit=1000",
            () => "/api/faces/unidentified?random=true",
            () => "/api/faces/unidentified?gender=female",
            () => "/api/faces/unidentified?ageMin=18&ageMax=30",
            () => "/api/faces/unidentified?minConfidence=0.9",
            () => "/api/faces/unidentified?random=true&gender=male&ageMin=60&minConfidence=0.8",
            () => "/api/faces/needs-review",
            () => "/api/faces/needs-review?limit=1000",
            () => $"/api/faces/{Face()}/similar",
            () => $"/api/faces/{Face()}/similar?threshold=0&limit=1000",
            () => "/api/faces/groups",
            () => "/api/faces/groups?minFaces=1&offset=100",
            () => "/api/people/suggestions",
            () => "/api/people",
            () => "/api/people?limit=1000",
            () => $"/api/people/{person}",
            () => $"/api/people/{person}/history",
            () => $"/api/faces/{Face()}/history",
            () => "/api/photos",
            () => $"/api/photos?offset={random.Next(4000)}",
        ];
        var slow = 0;
        Console.WriteLine($"{"call",-80} {"p50 ms",8} {"p95 ms",8}");
        foreach (var call in calls)
        {
            var times = new List<double>();
            var status = 0;
            for (var i = 0; i < WarmUp + Calls; i++)
            {
                var path = call();
                var started = Stopwatch.GetTimestamp();
                using var response = await http.GetAsync(path);
                await response.Content.ReadAsByteArrayAsync();
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                status = (int)response.StatusCode;
            }

            var sorted = times.Skip(WarmUp).Order().ToArray();
            var (half, high) = (sorted[sorted.Length / 2], sorted[(int)Math.Ceiling(0.95 * sorted.Length) - 1]);
            var remark = status != 200 ? $"  answers {status}" : high >= Limit ? $"  over {Limit} ms" : "";
            slow += remark.Length > 0 ? 1 : 0;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{call(),-80} {half,8:F1} {high,8:F1}{remark}"));
        }

        return slow == 0 ? 0 : 1;
    }

    private static async Task MeasureWholeAsync(WebApplication app, int faces)
    {
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(30) };
        http.DefaultRequestHeaders.Add("X-FaceCloud-Caller", "benchmark");
        http.DefaultRequestHeaders.Add("X-FaceCloud-Role", "admin");
        var search = await SecondsAsync(async () =>
        {
            var probes = Enumerable.Range(0, Probes).Select(seed => new FaceEmbedding(Anybody(new Random(seed)))).ToArray();
            await app.Services.GetRequiredService<IFaceIndex>().SearchAsync(Recogniser.Name, probes, 16, new IndexFilter(1), CancellationToken.None);
        }) / Probes;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"A search of the index: {1000 * search:F2} ms; one for each of {faces} faces: {faces * search:F0} s."));
        foreach (var (call, path, body) in ((string, string, string?)[])[
            ("duplicates", "duplicates", null), ("the same again, kept", "duplicates", null),
            ("200 duplicates from 0.8", "duplicates?threshold=0.8&limit=200", null),
            ("outliers", "outliers", null), ("200 outliers below 0.8", "outliers?threshold=0.8&limit=200", null),
            ("filter", "filter", """{"min_confidence":0.9,"unlabeled_only":true,"limit":1000}""")])
        {
            var found = 0;
            var seconds = await SecondsAsync(async () =>
            {
                using var content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");
                using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, $"/api/v1/faces/{path}") { Content = content };
                using var answer = await http.SendAsync(request);
                answer.EnsureSuccessStatusCode();
                found = System.Text.Json.Nodes.JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsArray().Count;
            });
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{call,-40} {seconds,8:F2} s, as {seconds / search,8:F0} searches; {found} found"));
        }
    }

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static float[] Anybody(Random random)
    {
        var vector = new float[Recogniser.Dimension];
        foreach (ref var value in vector.AsSpan())
        {
            value = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble()));
        }

        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }

    // Noise is as good as orthogonal in so many dimensions.
    private static float[] Like(float[] person, double cosine, Random random)
    {
        var noise = Anybody(random);
        TensorPrimitives.Multiply(noise, (float)(Math.Sqrt(1 - (cosine * cosine)) / cosine), noise);
        TensorPrimitives.Add(noise, person, noise);
        TensorPrimitives.Divide(noise, TensorPrimitives.Norm<float>(noise), noise);
        return noise;
    }

    private sealed class IsAway : IFaceDetector, IFaceAssessor
    {
        public Task<FaceCloud.Contracts.Ports.Detection> DetectAsync(
            ReadOnlyMemory<byte> image, DetectionRequest request, CancellationToken cancellationToken) =>
            throw new FailureException(Failure.Unavailable, "No face is looked for here.");

        public Task<IReadOnlyList<FaceAssessment>> AssessAsync(IReadOnlyList<FaceToAssess> faces, CancellationToken cancellationToken) =>
            throw new FailureException(Failure.Unavailable, "No face is measured here.");
    }

    private sealed class SaysItsName : IFaceEmbedder
    {
        public Task<Embeddings> EmbedAsync(IReadOnlyList<FaceCrop> crops, CancellationToken cancellationToken) =>
            crops.Count == 0 ? Task.FromResult(new Embeddings(Recogniser, [])) : throw new FailureException(Failure.Unavailable, "No network runs here.");
    }
}
