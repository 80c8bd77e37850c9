using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>Who did what with whose data, what is held on somebody, and that it goes.</summary>
public sealed class DataProtectionTests(RunningFaceCloud facecloud, ITestOutputHelper output) : IClassFixture<RunningFaceCloud>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static (string Name, string[] Photos) Somebody => People.WithSeveralPhotos.First(person => person.Photos.Length >= 4);

    [Fact]
    public async Task Look_ups_and_changes_of_every_dialect_are_in_the_trail_with_who_and_whom()
    {
        using var http = facecloud.Admin("audit-dialects");
        var (name, photos) = Somebody;
        await http.AddAsync(name, photos[0]);
        var person = (await http.OkAsync(HttpMethod.Get, "/api/people"))["people"]![0]!;
        var uuid = (string)person["uuid"]!;
        await http.PostedAsync("/records", "image", photos[1], ("name", name));
        await http.PostedAsync("/register", "file", photos[1], ("person_name", name));
        await http.RecognizeAsync(photos[2]);
        await http.PostedAsync("/records/match", "image", photos[2]);
        await http.PostedAsync("/analyze", "file", photos[2]);
        await http.RecognizeAsync(People.SinglePhotos.First());
        var face = await http.FaceAsync(photos[3]);
        await http.OkAsync(HttpMethod.Get, $"/api/faces/{face}/similar?threshold=0.3");
        await http.OkAsync(HttpMethod.Post, "/api/faces/auto-recognize?minConfidence=0.5");
        await http.OkAsync(HttpMethod.Get, "/api/people/suggestions");
        await ExportAsync(http, $"/api/v1/people/{uuid}/export");
        await http.OkAsync(HttpMethod.Delete, $"/api/v1/people/{uuid}");

        var entries = (await http.OkAsync(HttpMethod.Get, "/api/v1/audit"))["entries"]!.AsArray().Reverse().ToList();
        Assert.Equal(
            [
                "device enrol 1", "records enrol 1", "analytics enrol 1", "device lookup 1", "records lookup 1", "analytics lookup 1", "device lookup 0",
                "library lookup 1", "library auto_recognize 1", "library lookup 1", "library lookup 0", "quality export 1", "library delete 1",
            ],
            entries.Select(entry => $"{entry!["dialect"]} {entry["action"]} {entry["person_count"]}"));
        Assert.All(entries, entry =>
        {
            Assert.Equal("anna", (string?)entry!["actor"]);
            Assert.Matches(@"\A[0-9a-f]{32}\z", (string?)entry["trace_id"]);
            Assert.Matches(@"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\z", (string?)entry["at"]);
            Assert.All(entry["people"]!.AsArray(), id => Assert.Equal(uuid, (string?)id));
        });
        Assert.DoesNotContain(name, entries.Select(entry => entry!.ToJsonString()), StringComparer.Ordinal);
    }

    [Fact]
    public async Task The_trail_is_filtered_and_paged_and_each_gallery_has_its_own()
    {
        using var http = facecloud.Admin("audit-filters");
        using var other = facecloud.Admin("audit-other");
        foreach (var name in (string[])["Anna", "Ben", "Clara"])
        {
            await http.PersonAsync(name);
        }

        var people = (await http.OkAsync(HttpMethod.Get, "/api/people"))["people"]!.AsArray();
        await http.OkAsync(HttpMethod.Put, $"/api/people/{people[1]!["id"]}", new { name = "Benjamin" });
        async Task<List<string>> AskAsync(string query) =>
            [.. (await http.OkAsync(HttpMethod.Get, $"/api/v1/audit?{query}"))["entries"]!.AsArray().Select(entry => (string)entry!["action"]!)];

        Assert.Equal(["rename_person", "create_person"], await AskAsync($"person={people[1]!["uuid"]}"));
        Assert.Equal(["rename_person", "create_person"], await AskAsync($"person={people[1]!["id"]}"));
        Assert.Equal(["rename_person"], await AskAsync("action=rename_person&actor=anna"));
        Assert.Empty(await AskAsync("actor=ben"));
        Assert.Empty(await AskAsync("to=2020-01-01T00:00:00Z"));
        Assert.Equal(4, (await AskAsync("from=2020-01-01T00:00:00Z")).Count);

        var (ids, cursor) = (new List<long>(), (string?)null);
        do
        {
            var page = await http.OkAsync(HttpMethod.Get, $"/api/v1/audit?limit=3{cursor}");
            ids.AddRange(page["entries"]!.AsArray().Select(entry => (long)entry!["id"]!));
            cursor = page["next_cursor"] is { } next ? $"&cursor={next}" : null;
        }
        while (cursor is not null);
        Assert.Equal(4, ids.Count);
        Assert.Equal(ids.Distinct().OrderDescending(), ids);

        Assert.Empty((await other.OkAsync(HttpMethod.Get, "/api/v1/audit"))["entries"]!.AsArray());
        foreach (var (query, status) in ((string, int)[])[
            ("limit=0", 422), ("limit=1001", 422), ("cursor=x", 422), ("from=yesterday", 400), ("limit=many", 400), ("person=nobody", 404)])
        {
            var (answered, body) = await http.SendAsync(HttpMethod.Get, $"/api/v1/audit?{query}");
            FormClient.AssertDetail(status, answered, body);
        }
    }

    [Fact]
    public async Task An_export_holds_everything_on_a_person_and_photos_where_they_are_asked_for()
    {
        using var http = facecloud.Admin("export");
        var (name, photos) = Somebody;
        await http.PostedAsync("/records", "image", photos[0], ("name", name), ("metadata", """{"badge":17}"""));
        var person = (await http.OkAsync(HttpMethod.Get, "/api/people"))["people"]![0]!;
        var face = await http.FaceAsync(photos[1]);
        await http.OkAsync(HttpMethod.Post, "/api/faces/assign", new { faceId = face, personId = (long)person["id"]! });
        var other = await http.FaceAsync(People.SinglePhotos.First());
        await http.OkAsync(HttpMethod.Post, "/api/faces/assign", new { faceId = other, personId = (long)person["id"]! });
        await http.OkAsync(HttpMethod.Delete, $"/api/faces/{other}/person");
        await http.RecognizeAsync(photos[2]);

        var export = await ExportAsync(http, $"/api/v1/people/{person["id"]}/export");
        string[] documents = ["person.json", "faces.json", "proposals.json", "denials.json", "history.json", "strangers.json", "audit.json"];
        var faces = Json(export, "faces.json").AsArray();
        Assert.Equal([.. documents, .. faces.Select(row => (string)row!["picture"]!)], export.Keys);
        Assert.Equal(name, (string?)Json(export, "person.json")["name"]);
        Assert.Equal(17, (int)faces[0]!["metadata"]!["badge"]!);
        Assert.Equal(face, (long)faces[1]!["id"]!);
        Assert.All(faces, row => Assert.Equal(512, Assert.Single(row!["embeddings"]!.AsArray())!["vector"]!.AsArray().Count));
        Assert.Equal(other, (long)Assert.Single(Json(export, "denials.json").AsArray())!["face_id"]!);
        Assert.Equal(
            ["enrol", "assign", "assign", "remove_from_person"],
            Json(export, "history.json").AsArray().GroupBy(entry => (long)entry!["id"]!).Select(entry => (string)entry.First()!["action"]!));
        Assert.Equal(
            ["enrol", "assign", "assign", "remove_from_person", "lookup", "export"],
            Json(export, "audit.json").AsArray().Select(entry => (string)entry!["action"]!));
        Assert.Equal(await http.GetByteArrayAsync($"/processed/faces/face_{face}.jpg", Cancel), export[$"pictures/face_{face}.jpg"]);

        var photo = (long)faces[1]!["photo"]!["id"]!;
        var whole = await ExportAsync(http, $"/api/v1/people/{person["uuid"]}/export?photos=true");
        Assert.Equal([.. export.Keys, $"photos/{photo}.jpg"], whole.Keys);
        Assert.Equal(
            await http.GetByteArrayAsync((string)(await http.OkAsync(HttpMethod.Get, $"/api/photos/{photo}"))["media_url"]!, Cancel),
            whole[$"photos/{photo}.jpg"]);

        using var stranger = facecloud.Admin("export-other");
        foreach (var id in (string[])[(string)person["uuid"]!, "0", "nobody"])
        {
            var (status, body) = await stranger.SendAsync(HttpMethod.Get, $"/api/v1/people/{id}/export");
            FormClient.AssertDetail(404, status, body);
        }
    }

    [Fact]
    public async Task An_erased_person_is_unknown_everywhere_and_a_receipt_says_what_went()
    {
        using var http = facecloud.Admin("erase");
        var (name, photos) = Somebody;
        await http.AddAsync(name, photos[0]);
        var person = (await http.OkAsync(HttpMethod.Get, "/api/people"))["people"]![0]!;
        var (id, uuid) = ((long)person["id"]!, (string)person["uuid"]!);
        var face = await http.FaceAsync(photos[1]);
        await http.OkAsync(HttpMethod.Post, "/api/faces/assign", new { faceId = face, personId = id });
        Assert.Equal(name, DeviceClient.Largest(await http.RecognizeAsync(photos[2])));
        await http.OkAsync(HttpMethod.Delete, $"/api/people/{await http.PersonAsync("Somebody else")}");

        var receipt = (await http.OkAsync(HttpMethod.Delete, $"/api/v1/people/{uuid}?erase=true"))["receipt"]!;
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                receipt = await http.OkAsync(HttpMethod.Get, $"/api/v1/erasures/{receipt["id"]}");
                return (string?)receipt["status"] == "complete";
            },
            "the erasure is complete");
        output.WriteLine(receipt.ToJsonString());
        Assert.Equal((1, 2, 2), ((int)receipt["database"]!["people"]!, (int)receipt["database"]!["faces"]!, (int)receipt["index"]!["vectors"]!));
        Assert.Equal((2, 1), ((int)receipt["files"]!["pictures"]!, (int)receipt["kept"]!["photos"]!));
        Assert.DoesNotContain(name, receipt.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(uuid, receipt.ToJsonString(), StringComparison.Ordinal);

        Assert.Equal("Unknown", DeviceClient.Largest(await http.RecognizeAsync(photos[2])));
        Assert.Empty((await http.OkAsync(HttpMethod.Get, "/api/people"))["people"]!.AsArray());
        Assert.Empty((await http.OkAsync(HttpMethod.Get, $"/api/photos/{receipt["kept"]!["photo_ids"]![0]}"))["faces"]!.AsArray());
        using var crop = await http.GetAsync($"/processed/faces/face_{face}.jpg", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, crop.StatusCode);

        var trail = (await http.OkAsync(HttpMethod.Get, $"/api/v1/audit?person={receipt["id"]}"))["entries"]!.AsArray();
        Assert.Equal(["erase", "lookup", "assign", "enrol"], trail.Select(entry => (string)entry!["action"]!));
        Assert.All(trail, entry => Assert.Equal("anna", (string?)entry!["actor"]));
        Assert.DoesNotContain(uuid, (await http.OkAsync(HttpMethod.Get, "/api/v1/audit")).ToJsonString(), StringComparison.Ordinal);

        using var other = facecloud.Admin("erase-other");
        foreach (var (client, method, path) in ((HttpClient, HttpMethod, string)[])
            [
                (http, HttpMethod.Delete, $"/api/v1/people/{uuid}?erase=true"), (http, HttpMethod.Delete, $"/api/v1/people/{uuid}"),
                (other, HttpMethod.Get, $"/api/v1/erasures/{receipt["id"]}"), (http, HttpMethod.Get, "/api/v1/erasures/1")
            ])
        {
            var (status, body) = await client.SendAsync(method, path);
            FormClient.AssertDetail(404, status, body);
        }
    }

    [Fact]
    public async Task An_erasure_that_a_kill_interrupts_happens_whole_or_not_at_all_and_its_receipt_says_when_it_is_complete()
    {
        const int Kills = 4;
        var random = new Random(7);
        using var data = new DataFolder();
        var (erased, name) = (0, "");
        for (var kill = 0; kill <= Kills; kill++)
        {
            await using var program = await FaceCloudProcess.StartAsync(data.Path);
            program.Http.DefaultRequestHeaders.Authorization = new(
                "Bearer",
                new HandMadeToken { Role = "admin" }.SignWith(
                    Convert.FromBase64String(await File.ReadAllTextAsync(Path.Combine(data.Path, "token.key"), Cancel))));
            var there = (await program.Http.ListAsync()).ContainsKey(name);
            var receipts = (await program.Http.OkAsync(HttpMethod.Get, "/api/v1/audit?action=erase"))["entries"]!.AsArray();
            erased += !there && name.Length > 0 ? 1 : 0;
            Assert.Equal(erased, receipts.Count);
            foreach (var entry in receipts)
            {
                await Eventually.BecomesTrueAsync(
                    async () => (string?)(await program.Http.OkAsync(HttpMethod.Get, $"/api/v1/erasures/{entry!["people"]![0]}"))["status"] == "complete",
                    "the receipt is complete");
            }

            var faces = (await program.Http.OkAsync(HttpMethod.Get, "/records?limit=1000"))["records"]!.AsArray().Count;
            var files = Directory.CreateDirectory(Path.Combine(data.Path, "files"));
            Assert.Equal(faces, files.EnumerateFiles("*", SearchOption.AllDirectories).Count());
            Assert.DoesNotContain("rebuilt", program.Output, StringComparison.Ordinal);
            if (kill == Kills)
            {
                break;
            }

            name = $"Person {kill}";
            foreach (var photo in Somebody.Photos[..2])
            {
                await program.Http.AddAsync(name, photo);
            }

            var id = (await program.Http.OkAsync(HttpMethod.Get, $"/api/people?name={Uri.EscapeDataString(name)}"))["people"]![0]!["uuid"];
            var erasure = program.Http.DeleteAsync($"/api/v1/people/{id}?erase=true", Cancel);
            var calls = kill % 2 == 0 ? int.MaxValue : random.Next(0, 12); // in the midst of its end, or anywhere before
            while (calls-- > 0 && (await program.Http.ListAsync()).ContainsKey(name))
            {
            }

            await program.KillAsync();
            try
            {
                using var answer = await erasure;
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            }
            catch (HttpRequestException)
            {
                // Cut off: whether it happened is seen after the next start.
            }
        }

        output.WriteLine($"{Kills} kills: {erased} erasures had happened.");
        Assert.True(erased >= Kills / 2);
    }

    private static async Task<Dictionary<string, byte[]>> ExportAsync(HttpClient http, string path)
    {
        using var response = await http.GetAsync(path, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/zip", response.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("person-", response.Content.Headers.ContentDisposition?.FileName, StringComparison.Ordinal);
        await using var zip = await ZipArchive.CreateAsync(
            await response.Content.ReadAsStreamAsync(Cancel), ZipArchiveMode.Read, leaveOpen: false, entryNameEncoding: null, Cancel);
        var files = new Dictionary<string, byte[]>();
        foreach (var entry in zip.Entries)
        {
            await using var content = await entry.OpenAsync(Cancel);
            using var copy = new MemoryStream();
            await content.CopyToAsync(copy, Cancel);
            files.Add(entry.FullName, copy.ToArray());
        }

        return files;
    }

    private static JsonNode Json(Dictionary<string, byte[]> export, string name) => JsonNode.Parse(export[name])!;
}
