using System.Text.Json.Nodes;
using FaceCloud.Contracts.Faces;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>Real photos looked at again by another detector, in a program that is killed again and again.</summary>
public sealed class ReprocessingTests(ITestOutputHelper output)
{
    private const int Photos = 30;
    private const int Kills = 5;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_album_reprocessed_by_another_detector_through_five_kills_ends_complete_with_ids_people_and_marks()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}.");
        var random = new Random(seed);
        var files = Directory.GetFiles(TestFiles.Photo("groups"), "*.jpg").Order(StringComparer.Ordinal).Where((_, i) => i % 3 == 0).Take(Photos).ToList();
        using var data = new DataFolder();
        Dictionary<long, Seen> before;
        HashSet<long> decided;
        string album;
        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path))
        {
            using var http = facecloud.Photographer("default");
            album = (string)(await http.CallAsync(HttpMethod.Post, "/api/v1/albums", new { name = "Groups" })).Body["album_id"]!;
            await UploadAsync(http, $"/api/v1/albums/{album}/photos", files);
            before = await FacesAsync(http);
            decided = await DecideAsync(http, before, random);
            before = await FacesAsync(http);
            await facecloud.StopAsync();
        }

        var settings = new Dictionary<string, string> { ["Models__Detector"] = "yunet" };
        string? job = null;
        var succeeded = new List<int>();
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var facecloud = await FaceCloudProcess.StartAsync(data.Path, settings);
            using var http = facecloud.Photographer("default");
            job ??= await BeginAsync(http, album, files.Count);
            var done = (int)(await http.OkAsync(HttpMethod.Get, job))["succeeded"]!;
            var goal = Math.Min(done + random.Next(1, 5), files.Count - 1);
            await Eventually.BecomesTrueAsync(
                async () => (done = (int)(await http.OkAsync(HttpMethod.Get, job))["succeeded"]!) >= goal,
                "photos are reprocessed");
            succeeded.Add(done);
            await facecloud.KillAsync();
            if (kill % 2 == 1)
            {
                DatabaseServer.Kill(data.Path);
            }
        }

        // Crops that a kill kept from their rows are noted, and deleted when the time for writing them is over: now.
        await PipelineFaultTests.AskAsync(data.Path, "UPDATE identity.file_removals SET due_at = now()");
        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path, settings))
        {
            using var http = facecloud.Photographer("default");
            JsonNode ended = null!;
            await Eventually.BecomesTrueAsync(
                async () => (string?)(ended = await http.OkAsync(HttpMethod.Get, job!))["status"] is not ("queued" or "running"),
                "the job ends");
            Assert.Equal(
                ("succeeded", files.Count, files.Count, 0),
                ((string?)ended["status"], (int)ended["total"]!, (int)ended["succeeded"]!, (int)ended["failed"]!));
            Assert.Equal(409, (await http.CallAsync(HttpMethod.Delete, job!)).Status);

            // The same photos in another gallery tell what this detector finds.
            using var fresh = facecloud.Gallery("fresh");
            await UploadAsync(fresh, "/api/photos", files);
            AssertRenewed(before, await FacesAsync(http), await FacesAsync(fresh), decided);
            await facecloud.StopAsync();
        }

        output.WriteLine($"{Kills} kills; reprocessed before each: {string.Join(' ', succeeded)}.");
        await PipelineFaultTests.AssertNothingLeftAsync(data.Path);
    }

    private void AssertRenewed(Dictionary<long, Seen> before, Dictionary<long, Seen> after, Dictionary<long, Seen> fresh, HashSet<long> decided)
    {
        var (kept, gone, come, stale) = (0, 0, 0, 0);
        foreach (var photo in before.Values.Select(face => face.Photo).Union(fresh.Values.Select(face => face.Photo)).Distinct())
        {
            var found = fresh.Values.Where(face => face.Photo == photo).Select(face => face.Box).ToHashSet();
            foreach (var (id, face) in before.Where(face => face.Value.Photo == photo))
            {
                if (!after.TryGetValue(id, out var now))
                {
                    gone++;
                    Assert.DoesNotContain(id, decided);
                    continue;
                }

                Assert.Equal(face.Person, now.Person);
                if (found.Contains(now.Box))
                {
                    kept++;
                    Assert.InRange(now.Box.IntersectionOverUnion(face.Box), 0.45f, 1); // boxes are whole pixels here
                }
                else
                {
                    stale++;
                    Assert.Equal(face.Box, now.Box);
                    Assert.Contains(id, decided);
                }
            }

            var there = after.Where(face => face.Value.Photo == photo).ToList();
            come += there.Count(face => !before.ContainsKey(face.Key));
            Assert.Equal(found.Count, there.Count(face => found.Contains(face.Value.Box)));
        }

        output.WriteLine($"Of {before.Count} faces {kept} were found again, {stale} were not and stay for what was decided, {gone} are gone; {come} are new.");
        Assert.All([kept, gone, come], count => Assert.True(count > 0));
    }

    /// <summary>Names some faces and marks some others.</summary>
    /// <returns>Those.</returns>
    private static async Task<HashSet<long>> DecideAsync(HttpClient http, Dictionary<long, Seen> faces, Random random)
    {
        long[] ids = [.. faces.Keys.Order()];
        random.Shuffle(ids);
        var (named, marked) = (ids[..(ids.Length / 4)], ids[^10..]);
        var person = await http.PersonAsync("Anna");
        await http.OkAsync(HttpMethod.Post, "/api/faces/bulk-assign", new { faceIds = named, personId = person });
        foreach (var face in marked)
        {
            await http.OkAsync(HttpMethod.Post, $"/api/faces/{face}/mark-unknown");
        }

        return [.. named, .. marked];
    }

    private static async Task<string> BeginAsync(HttpClient http, string album, int photos)
    {
        var (status, answer, _) = await http.CallAsync(HttpMethod.Post, $"/api/v1/albums/{album}/faces/reprocess", new { force_all = true });
        Assert.Equal((202, $"Album reprocessing started for {photos} photos"), (status, (string?)answer["message"]));
        return (string)answer["status_url"]!;
    }

    private static async Task UploadAsync(HttpClient http, string path, IEnumerable<string> files)
    {
        foreach (var file in files)
        {
            using var form = new MultipartFormDataContent
            {
                { new ByteArrayContent(await File.ReadAllBytesAsync(file, Cancel)), "file", Path.GetFileName(file) }
            };
            using var response = await http.PostAsync($"{path}?wait=true", form, Cancel);
            Assert.Equal(200, (int)response.StatusCode);
        }
    }

    /// <summary>All faces of the gallery by their ids.</summary>
    private static async Task<Dictionary<long, Seen>> FacesAsync(HttpClient http)
    {
        var faces = new Dictionary<long, Seen>();
        foreach (var photo in (await http.OkAsync(HttpMethod.Get, "/api/photos?limit=1000"))["photos"]!.AsArray())
        {
            foreach (var face in (await http.OkAsync(HttpMethod.Get, $"/api/photos/{photo!["id"]}"))["faces"]!.AsArray())
            {
                var box = face!["bbox"]!;
                faces[(long)face["id"]!] = new Seen(
                    (string)photo["filename"]!,
                    new FaceBox((int)box["x"]!, (int)box["y"]!, (int)box["width"]!, (int)box["height"]!),
                    (long?)face["person"]?["id"]);
                using var crop = await http.GetAsync((string?)face["face_url"], Cancel);
                Assert.Equal(200, (int)crop.StatusCode);
            }
        }

        return faces;
    }

    private sealed record Seen(string Photo, FaceBox Box, long? Person);
}
