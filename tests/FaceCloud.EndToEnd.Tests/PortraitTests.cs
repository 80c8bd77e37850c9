using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>Of an enrolled face a portrait is kept, as long as the face and no longer.</summary>
public sealed class PortraitTests(ITestOutputHelper output)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/database/add")]
    [InlineData("/records")]
    [InlineData("/register")]
    public async Task Every_dialect_keeps_one_and_a_removal_leaves_no_file(string dialect)
    {
        using var data = new DataFolder();
        await using var facecloud = await FaceCloudProcess.StartAsync(data.Path);
        var (name, photos) = People.WithSeveralPhotos.First();
        switch (dialect)
        {
            case "/v1/database/add":
                await facecloud.Http.AddAsync(name, photos[0]);
                break;
            case "/records":
                await facecloud.Http.PostedAsync(dialect, "image", photos[0], ("name", name));
                break;
            default:
                await facecloud.Http.PostedAsync(dialect, "file", photos[0], ("person_name", name));
                break;
        }

        Assert.Single(Files(data.Path));
        var person = Assert.Single((await facecloud.Http.OkAsync(HttpMethod.Get, "/api/people"))["people"]!.AsArray());
        var path = (string?)person!["cover"];
        using var answer = await facecloud.Http.GetAsync(path, Cancel);
        Assert.Equal("image/jpeg", answer.Content.Headers.ContentType?.MediaType);
        var portrait = Path.Combine(data.Path, "portrait.jpg");
        await File.WriteAllBytesAsync(portrait, await answer.Content.ReadAsByteArrayAsync(Cancel), Cancel);
        Assert.Equal(name, DeviceClient.Largest(await facecloud.Http.RecognizeAsync(portrait)));

        using var another = new HttpClient { BaseAddress = facecloud.Http.BaseAddress };
        another.DefaultRequestHeaders.Add("X-Gallery", "another");
        using var hidden = await another.GetAsync(path, Cancel);
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);

        using var removed = await facecloud.Http.PostAsJsonAsync("/v1/database/remove", new { name }, Cancel);
        Assert.Equal(HttpStatusCode.OK, removed.StatusCode);
        Assert.Empty(Files(data.Path));
        using var gone = await facecloud.Http.GetAsync(path, Cancel);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task A_face_that_looks_like_another_shows_its_portrait()
    {
        using var data = new DataFolder();
        await using var facecloud = await FaceCloudProcess.StartAsync(data.Path);
        var (name, photos) = People.WithSeveralPhotos.First();
        await facecloud.Http.AddAsync(name, photos[0]);
        await facecloud.Http.AddAsync(name, photos[1]);

        var similar = await facecloud.Http.OkAsync(HttpMethod.Get, "/api/faces/1/similar?threshold=0.1");

        foreach (var face in new[] { similar["baseFace"]!, Assert.Single(similar["similarFaces"]!.AsArray())! })
        {
            using var answer = await facecloud.Http.GetAsync((string?)face["face_image_path"], Cancel);
            Assert.Equal("image/jpeg", answer.Content.Headers.ContentType?.MediaType);
        }
    }

    [Fact]
    public async Task An_enrolment_that_is_refused_leaves_no_file()
    {
        using var data = new DataFolder();
        await using var facecloud = await FaceCloudProcess.StartAsync(data.Path);
        var photo = TestFiles.Photo("groups", "0_Parade_Parade_0_125.jpg");
        using var answer = await facecloud.Http.PostAsJsonAsync(
            "/v1/database/add", new { name = "Somebody", image = DeviceClient.Image(photo), strict = true }, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(Files(data.Path));
    }

    [Fact]
    public async Task Kills_during_enrolments_leave_a_portrait_for_each_record_and_none_besides()
    {
        const int Kills = 5;
        var random = new Random(8);
        using var data = new DataFolder();
        var shortly = new Dictionary<string, string> { ["Files__UploadTimeout"] = "00:00:00.2" };
        var waiting = new ConcurrentQueue<(string Name, string[] Photos)>(People.All);
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var facecloud = await FaceCloudProcess.StartAsync(data.Path, shortly);
            await EnrolUntilKilledAsync(facecloud, waiting, random.Next(5, 30));
        }

        // What the last kill left is due by the time of a start, or of the next one.
        var starts = 0;
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                starts++;
                await using var facecloud = await FaceCloudProcess.StartAsync(data.Path, shortly);
                var records = (await facecloud.Http.OkAsync(HttpMethod.Get, "/records?limit=1000"))["records"]!.AsArray();
                Assert.True(records.Count > Kills);
                var expected = records.Select(record => ((string)record!["id"]!).Replace("-", "", StringComparison.Ordinal)).ToHashSet();
                var kept = Files(data.Path).Select(file => Path.GetFileNameWithoutExtension(file)).ToList();
                Assert.Superset(expected, kept.ToHashSet());
                output.WriteLine($"Start {starts}: {records.Count} records, {kept.Count} portraits.");
                return kept.Count == records.Count;
            },
            "the sweep deletes the portraits that no record has");
    }

    private static async Task EnrolUntilKilledAsync(FaceCloudProcess facecloud, ConcurrentQueue<(string Name, string[] Photos)> people, int answers)
    {
        const int Clients = 4;
        var answered = 0;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            while (Volatile.Read(ref answered) < answers && people.TryDequeue(out var person))
            {
                try
                {
                    using var answer = await facecloud.Http.PostAsJsonAsync(
                        "/v1/database/add", new JsonObject { ["name"] = person.Name, ["image"] = DeviceClient.Image(person.Photos[0]) }, Cancel);
                    if (Interlocked.Increment(ref answered) == answers)
                    {
                        await facecloud.KillAsync();
                    }
                }
                catch (HttpRequestException) when (Volatile.Read(ref answered) >= answers)
                {
                    // It was under way when the program was killed, as is meant.
                }
            }
        })));
        Assert.True(answered >= answers, "There were too few people for this kill.");
    }

    /// <summary>All portraits, unfinished ones too.</summary>
    private static List<string> Files(string data)
    {
        var folder = Path.Combine(data, "files", "faces");
        return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)] : [];
    }
}
