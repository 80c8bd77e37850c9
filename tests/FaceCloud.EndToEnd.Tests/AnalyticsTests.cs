using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>The analytics dialect: known people by name, unknown ones remembered once.</summary>
public sealed class AnalyticsTests(RunningFaceCloud facecloud) : IClassFixture<RunningFaceCloud>
{
    private static string[] Photos => People.WithSeveralPhotos.First(person => person.Name == "Emma_Thompson").Photos;

    [Fact]
    public async Task A_face_is_described_with_the_published_fields()
    {
        using var http = facecloud.Gallery("analytics-fields");
        var face = (await http.PostedAsync("/analyze", "file", Photos[0]))["faces"]![0]!;
        Assert.Equal(
            [
                "bbox", "confidence", "age", "gender", "gender_confidence", "identity", "person_id", "identity_type", "match_score", "cosine", "threshold",
                "model", "model_licence", "model_sha256",
            ],
            face.AsObject().Select(field => field.Key));
        Assert.Equal(["x", "y", "width", "height"], face["bbox"]!.AsObject().Select(field => field.Key));
        Assert.InRange((double)face["age"]!, 20, 60);
        Assert.Equal("female", (string?)face["gender"]);
        Assert.InRange((double)face["gender_confidence"]!, 0.5, 1);
        Assert.Equal("unknown", (string?)face["identity"]);
        Assert.Matches(@"\Aunknown_\d+_\d+\z", (string?)face["person_id"]);
    }

    [Fact]
    public async Task Twenty_requests_at_once_with_one_unknown_face_remember_one_stranger_seen_twenty_times()
    {
        using var http = facecloud.Gallery("analytics-twenty");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => http.PostedAsync("/analyze", "file", Photos[0])));
        var id = Assert.Single(answers.Select(answer => (string?)answer["faces"]![0]!["person_id"]).Distinct());

        var (_, stats) = await http.SendAsync(HttpMethod.Get, "/stats");
        Assert.Equal(1, (int)stats["unknown_faces"]!);
        Assert.Equal(20, (int)stats["total_detections"]!);
        Assert.Equal(20, (int)stats["recent_detections_24h"]!);
        var top = Assert.Single(stats["top_unknown_faces"]!.AsArray())!;
        Assert.Equal(id, (string?)top["person_id"]);
        Assert.Equal(20, (int)top["detection_count"]!);
        Assert.Matches(@"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\z", (string?)top["last_seen"]);
    }

    [Fact]
    public async Task A_stranger_is_known_again_in_another_photo_and_after_a_crash()
    {
        using var data = new DataFolder();
        string? id;
        await using (var before = await FaceCloudProcess.StartAsync(data.Path))
        {
            id = (string?)(await before.Http.PostedAsync("/analyze", "file", Photos[0]))["faces"]![0]!["person_id"];
            await before.KillAsync();
        }

        await using var after = await FaceCloudProcess.StartAsync(data.Path);
        var again = (await after.Http.PostedAsync("/analyze", "file", Photos[1]))["faces"]![0]!;
        Assert.Equal(id, (string?)again["person_id"]);
        Assert.True((double)again["match_score"]! >= (double)again["threshold"]!);
        Assert.Equal(2, (int)(await after.Http.SendAsync(HttpMethod.Get, "/stats")).Body["top_unknown_faces"]![0]!["detection_count"]!);
    }

    [Fact]
    public async Task Without_persist_it_only_looks()
    {
        using var http = facecloud.Gallery("analytics-look");
        Assert.Null((await http.PostedAsync("/analyze?persist=false", "file", Photos[0]))["faces"]![0]!["person_id"]);
        var (_, stats) = await http.SendAsync(HttpMethod.Get, "/stats");
        Assert.Equal(0, (int)stats["unknown_faces"]!);
        Assert.Equal(0, (int)stats["total_detections"]!);

        var id = (string?)(await http.PostedAsync("/analyze", "file", Photos[0]))["faces"]![0]!["person_id"];
        Assert.Equal(id, (string?)(await http.PostedAsync("/analyze", "file", Photos[1], ("persist", "false")))["faces"]![0]!["person_id"]);
        Assert.Equal(1, (int)(await http.SendAsync(HttpMethod.Get, "/stats")).Body["total_detections"]!);
    }

    [Fact]
    public async Task A_registered_person_is_known_by_name_and_keeps_the_id()
    {
        using var http = facecloud.Gallery("analytics-register");
        var first = await http.PostedAsync("/register", "file", Photos[0], ("person_name", "Emma Thompson"));
        var second = await http.PostedAsync("/register", "file", Photos[1], ("person_name", "Emma Thompson"));
        Assert.Matches(@"\Aknown_emma_thompson_\d+\z", (string?)first["person_id"]);
        Assert.Equal((string?)first["person_id"], (string?)second["person_id"]);

        var face = (await http.PostedAsync("/analyze", "file", Photos[2]))["faces"]![0]!;
        Assert.Equal("Emma Thompson", (string?)face["identity"]);
        Assert.Equal("known", (string?)face["identity_type"]);
        Assert.Equal((string?)first["person_id"], (string?)face["person_id"]);
        var (_, stats) = await http.SendAsync(HttpMethod.Get, "/stats");
        Assert.Equal((1, 0), ((int)stats["known_faces"]!, (int)stats["unknown_faces"]!));
    }

    [Fact]
    public async Task An_image_without_faces_has_none()
    {
        var answer = await facecloud.Http.PostedAsync("/analyze", "file", TestFiles.Photo("hard", "no_face.png"));
        Assert.True((bool)answer["success"]!);
        Assert.Empty(answer["faces"]!.AsArray());
    }

    [Fact]
    public async Task Strangers_of_one_gallery_are_not_known_in_another()
    {
        using var one = facecloud.Gallery("analytics-one");
        using var other = facecloud.Gallery("analytics-other");
        var id = (string?)(await one.PostedAsync("/analyze", "file", Photos[0]))["faces"]![0]!["person_id"];
        Assert.NotEqual(id, (string?)(await other.PostedAsync("/analyze", "file", Photos[0]))["faces"]![0]!["person_id"]);
        Assert.Equal(1, (int)(await one.SendAsync(HttpMethod.Get, "/stats")).Body["unknown_faces"]!);
    }
}
