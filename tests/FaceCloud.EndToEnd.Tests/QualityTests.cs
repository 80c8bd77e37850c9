using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>How good faces are, by the published API and on real photos.</summary>
public sealed class QualityTests(RunningFaceCloud facecloud, ITestOutputHelper output) : IClassFixture<RunningFaceCloud>
{
    private const string Published =
        """
        {
          "face_id": "uuid", "photo_id": "uuid", "blur_score": 0.85, "brightness_score": 0.75, "exposure_score": 1, "confidence": 0.92, "overall_quality": 0.81,
          "quality_grade": "B", "issues": [], "face_size": 120, "pose": { "yaw": 0, "pitch": 0, "roll": 0 }, "occlusion_hints": [],
          "thumbnail_url": "https://..."
        }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Blurred => TestFiles.Photo("hard", "blur.jpg");

    [Fact]
    public async Task A_face_has_the_published_answer_and_its_quality_is_the_formula()
    {
        using var anna = facecloud.As("anna", "viewer", "published");
        using var maker = facecloud.As("anna", "photographer", "published");
        var album = await maker.AlbumAsync();
        await maker.UploadAsync(album, [Blurred, .. People.SinglePhotos.Take(4)]);
        var faces = await anna.AssessedAsync(album);
        Assert.True(faces.Count >= 5);
        Assert.Equal(faces.Select(Overall).Order(), faces.Select(Overall));
        foreach (var face in faces)
        {
            var single = await anna.OkAsync(HttpMethod.Get, $"/api/v1/faces/{face!["face_id"]}/quality");
            LibraryClient.AssertLike(Published, single);
            Assert.Equal(
                Math.Round((Number(single, "blur_score") * 0.4) + (Number(single, "brightness_score") * 0.4) + (Number(single, "confidence") * 0.2), 4),
                Overall(single),
                4);
            Assert.Equal(Overall(single) switch { >= 0.85 => "A", >= 0.7 => "B", >= 0.55 => "C", >= 0.4 => "D", _ => "F" }, (string?)single["quality_grade"]);
            using var picture = await facecloud.Http.GetAsync((string?)single["thumbnail_url"], Cancel);
            Assert.Equal((HttpStatusCode.OK, "image/jpeg"), (picture.StatusCode, picture.Content.Headers.ContentType?.MediaType));
        }

        output.WriteLine($"blur.jpg: {faces[0]!.ToJsonString()}");
        Assert.Equal(("F", 312), ((string?)faces[0]!["quality_grade"], (int)faces[0]!["face_size"]!));
        Assert.Equal(["Image is blurry", "Poor lighting/exposure"], faces[0]!["issues"]!.AsArray().Select(issue => (string?)issue));
    }

    [Fact]
    public async Task A_masked_face_comes_with_a_hint_that_changes_no_grade()
    {
        // The detector is less sure of masked faces than it has to be of others.
        using var data = new DataFolder();
        await using var lenient = await FaceCloudProcess.StartAsync(data.Path, new Dictionary<string, string> { ["Detection__MinConfidence"] = "0.2" });
        using var anna = lenient.As("anna", "photographer", "masked");
        var album = await anna.AlbumAsync();
        await anna.UploadAsync(album, TestFiles.Photo("hard", "mask.png"));
        var masked = Assert.Single(await anna.AssessedAsync(album))!;
        Assert.Equal(["Mouth may be covered"], masked["occlusion_hints"]!.AsArray().Select(hint => (string?)hint));
        Assert.Equal(["Low detection confidence"], masked["issues"]!.AsArray().Select(issue => (string?)issue));
    }

    [Fact]
    public async Task Only_what_falls_below_is_listed_and_at_most_as_much_as_was_asked_for()
    {
        using var http = facecloud.As("anna", "photographer", "lowest");
        var album = await http.AlbumAsync();
        await http.UploadAsync(album, [Blurred, .. People.SinglePhotos.Take(3)]);
        var all = await http.AssessedAsync(album);
        var second = Overall(all[1]!);
        var below = await http.OkAsync(
            HttpMethod.Get,
            string.Create(CultureInfo.InvariantCulture, $"/api/v1/albums/{album}/faces/low-quality?min_overall_quality={second}"));
        Assert.Equal((string?)all[0]!["face_id"], (string?)Assert.Single(below.AsArray())!["face_id"]);
        Assert.Single((await http.OkAsync(HttpMethod.Get, $"/api/v1/albums/{album}/faces/low-quality?min_overall_quality=1&limit=1")).AsArray());
        Assert.Equal(
            all.Count(face => Overall(face!) < 0.5), (await http.OkAsync(HttpMethod.Get, $"/api/v1/albums/{album}/faces/low-quality")).AsArray().Count);
    }

    [Fact]
    public async Task Strict_limits_find_more_and_faces_come_in_the_order_asked_for()
    {
        using var http = facecloud.As("anna", "photographer", "strict");
        var album = await http.AlbumAsync();
        await http.UploadAsync(album, [.. People.SinglePhotos.Take(5)]);
        var ids = (await http.AssessedAsync(album)).Select(face => (Guid)face!["face_id"]!).Reverse().ToArray();
        var (normal, strict) = (await CheckAsync(http, ids, false), await CheckAsync(http, [.. ids, ids[0]], true));
        Assert.Equal(ids, normal.Select(face => (Guid)face!["face_id"]!));
        Assert.Equal(ids, strict.Select(face => (Guid)face!["face_id"]!));
        Assert.All(normal.Zip(strict), pair =>
        {
            Assert.Equal(Overall(pair.First!), Overall(pair.Second!));
            Assert.Subset(Issues(pair.Second!), Issues(pair.First!));
            Assert.Equal(Number(pair.Second!, "confidence") < 0.8, Issues(pair.Second!).Contains("Low detection confidence"));
        });
    }

    [Fact]
    public async Task Faces_of_others_are_denied_alone_left_out_of_many_and_unknown_ones_are_not_found()
    {
        using var anna = facecloud.As("anna", "photographer", "foreign");
        using var ben = facecloud.As("ben", "photographer", "foreign");
        using var admin = facecloud.As("root", "admin", "foreign");
        using var elsewhere = facecloud.As("root", "admin", "another-gallery");
        var album = await anna.AlbumAsync();
        await anna.UploadAsync(album, Blurred);
        var face = (Guid)(await anna.AssessedAsync(album))[0]!["face_id"]!;
        var unknown = Guid.NewGuid();

        await anna.OkAsync(HttpMethod.Get, $"/api/v1/faces/{face}/quality");
        await admin.OkAsync(HttpMethod.Get, $"/api/v1/faces/{face}/quality");
        await ben.RefusedAsync(403, """{ "detail": "Access denied" }""", HttpMethod.Get, $"/api/v1/faces/{face}/quality");
        await ben.RefusedAsync(403, """{ "detail": "Access denied" }""", HttpMethod.Get, $"/api/v1/albums/{album}/faces/low-quality");
        await elsewhere.RefusedAsync(404, $$"""{ "detail": "Face {{face}} not found" }""", HttpMethod.Get, $"/api/v1/faces/{face}/quality");
        await anna.RefusedAsync(404, $$"""{ "detail": "Face {{unknown}} not found" }""", HttpMethod.Get, $"/api/v1/faces/{unknown}/quality");
        await anna.RefusedAsync(404, """{ "detail": "Album not found" }""", HttpMethod.Get, $"/api/v1/albums/{unknown}/faces/low-quality");
        Assert.Empty(await CheckAsync(ben, [face, unknown], false));
        Assert.Single(await CheckAsync(anna, [unknown, face], false));
    }

    [Fact]
    public async Task What_is_malformed_is_400_and_what_is_out_of_range_422()
    {
        using var http = facecloud.As("careless", "photographer", "bad");
        var album = await http.AlbumAsync();
        await RefusedAsync(400, HttpMethod.Get, "/api/v1/faces/xyz/quality");
        foreach (var query in (string[])["limit=a", "min_overall_quality=x"])
        {
            await RefusedAsync(400, HttpMethod.Get, $"/api/v1/albums/{album}/faces/low-quality?{query}");
        }

        foreach (var query in (string[])["limit=0", "limit=501", "min_overall_quality=1.01", "min_overall_quality=-0.01", "min_overall_quality=NaN"])
        {
            await RefusedAsync(422, HttpMethod.Get, $"/api/v1/albums/{album}/faces/low-quality?{query}");
        }

        foreach (var body in (string[])[
            "", "[]", "{}", """{ "face_ids": "x" }""", """{ "face_ids": ["x"] }""", """{ "face_ids": [null] }""", """{ "face_ids": null }"""])
        {
            await RefusedAsync(400, HttpMethod.Post, "/api/v1/faces/quality-check", body);
        }

        await RefusedAsync(422, HttpMethod.Post, "/api/v1/faces/quality-check", new { face_ids = Array.Empty<Guid>() });
        await RefusedAsync(422, HttpMethod.Post, "/api/v1/faces/quality-check", new { face_ids = Enumerable.Range(0, 101).Select(_ => Guid.NewGuid()) });
        await http.OkAsync(HttpMethod.Post, "/api/v1/faces/quality-check", new { face_ids = Enumerable.Range(0, 100).Select(_ => Guid.NewGuid()) });

        async Task RefusedAsync(int expected, HttpMethod method, string path, object? json = null)
        {
            var (status, body, _) = await http.CallAsync(method, path, json);
            Assert.True(expected == status, $"{path} {json}: {status} {body}");
            Assert.NotNull((string?)body["detail"]);
        }
    }

    [Fact]
    public async Task A_face_that_was_enrolled_through_another_dialect_is_assessed_and_goes_with_its_person()
    {
        using var http = facecloud.As("root", "admin", "enrolled");
        await http.AddAsync("Anna", People.SinglePhotos.First());
        var record = (Guid)(await http.OkAsync(HttpMethod.Get, "/records"))["records"]![0]!["id"]!;
        var quality = await http.OkAsync(HttpMethod.Get, $"/api/v1/faces/{record}/quality");
        Assert.Null(quality["photo_id"]);
        Assert.InRange(Number(quality, "blur_score"), 0.01, 1);
        await http.OkAsync(HttpMethod.Post, "/v1/database/remove", new { name = "Anna" });
        await http.RefusedAsync(404, $$"""{ "detail": "Face {{record}} not found" }""", HttpMethod.Get, $"/api/v1/faces/{record}/quality");
    }

    [Fact]
    public async Task Assessments_follow_their_faces_through_kills_at_any_time()
    {
        using var data = new DataFolder();
        var photos = People.SinglePhotos.Take(6).ToList();
        Guid album;
        await using (var first = await FaceCloudProcess.StartAsync(data.Path))
        {
            using var http = first.Photographer("killed");
            album = await http.AlbumAsync();
            await http.UploadAsync(album, photos[0]);

            // The rest is acknowledged and no more.
            foreach (var photo in photos.Skip(1))
            {
                var (status, _, _) = await http.PostPhotoAsync($"/api/v1/albums/{album}/photos", "file", await File.ReadAllBytesAsync(photo, Cancel));
                Assert.Equal(202, status);
            }

            await first.KillAsync();
        }

        var deleted = "";
        await using (var second = await FaceCloudProcess.StartAsync(data.Path))
        {
            using var http = second.Photographer("killed");
            await http.UntilAssessedAsync(album, photos.Count);
            deleted = (string)(await http.AssessedAsync(album))[0]!["photo_id"]!;
            var (status, _, _) = await http.CallAsync(HttpMethod.Delete, $"/api/photos/{deleted}");
            Assert.Equal(200, status);
            await second.KillAsync();
        }

        await using var third = await FaceCloudProcess.StartAsync(data.Path);
        using var last = third.Photographer("killed");
        var left = await last.AssessedAsync(album);
        Assert.Equal(photos.Count - 1, left.Select(face => (string?)face!["photo_id"]).Distinct().Count());
        Assert.DoesNotContain(deleted, left.Select(face => (string?)face!["photo_id"]));
    }

    private static double Overall(JsonNode? face) => Number(face!, "overall_quality");

    private static double Number(JsonNode face, string name) => (double)face[name]!;

    private static HashSet<string> Issues(JsonNode face) => [.. face["issues"]!.AsArray().Select(issue => (string)issue!)];

    private static async Task<JsonArray> CheckAsync(HttpClient http, IEnumerable<Guid> faces, bool strict) =>
        (await http.OkAsync(HttpMethod.Post, "/api/v1/faces/quality-check", new { face_ids = faces, strict_mode = strict })).AsArray();
}
