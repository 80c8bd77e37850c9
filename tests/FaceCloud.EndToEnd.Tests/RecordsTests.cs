using System.Text;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>The records dialect, and that it speaks of the same gallery as the others.</summary>
public sealed class RecordsTests(RunningFaceCloud facecloud) : IClassFixture<RunningFaceCloud>
{
    private static string[] Photos => People.WithSeveralPhotos.First(person => person.Name == "Emma_Thompson").Photos;

    private static string SomebodyElse => People.SinglePhotos.First();

    [Fact]
    public async Task A_record_has_the_published_fields()
    {
        using var http = facecloud.Gallery("records-fields");
        var record = (await http.PostedAsync("/records", "image", Photos[0], ("name", "Emma"), ("metadata", """{"a": [1, "\u0000", null]}""")))["record"]!;
        Assert.Equal(["id", "name", "metadata", "created_at", "embedding_index"], record.AsObject().Select(field => field.Key));
        Assert.True(Guid.TryParse((string?)record["id"], out _));
        Assert.Matches(@"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\z", (string?)record["created_at"]);
        Assert.Equal("""{"a":[1,"\u0000",null]}""", record["metadata"]!.ToJsonString());

        var (_, list) = await http.SendAsync(HttpMethod.Get, "/records");
        Assert.Equal(record.ToJsonString(), list["records"]![0]!.ToJsonString());
    }

    [Fact]
    public async Task The_same_name_again_is_a_new_record_of_the_same_person_and_no_index_is_given_twice()
    {
        using var http = facecloud.Gallery("records-index");
        await http.PostedAsync("/records", "image", Photos[0], ("name", "Emma"));
        var second = await http.PostedAsync("/records", "image", Photos[1], ("name", "Emma"));
        Assert.Equal(1, (int)second["record"]!["embedding_index"]!);
        Assert.Equal(2, (await http.ListAsync())["Emma"]);

        await http.SendAsync(HttpMethod.Delete, $"/records/{second["record"]!["id"]}");
        var third = await http.PostedAsync("/records", "image", Photos[1], ("name", "Emma"));
        Assert.Equal(2, (int)third["record"]!["embedding_index"]!);
    }

    [Fact]
    public async Task A_match_names_the_nearest_record_and_lists_the_others_uncut()
    {
        using var http = facecloud.Gallery("records-match");
        var emma = (await http.PostedAsync("/records", "image", Photos[0], ("name", "Emma"), ("metadata", """{"k":1}""")))["record"]!;
        await http.PostedAsync("/records", "image", SomebodyElse, ("name", "Else"));

        var match = await http.PostedAsync("/records/match", "image", Photos[1], ("top_k", "5"));
        Assert.True((bool)match["recognized"]!);
        Assert.True((bool)match["face_detected"]!);
        Assert.Equal((string?)emma["id"], (string?)match["best_match"]!["id"]);
        Assert.Equal("""{"k":1}""", match["best_match"]!["metadata"]!.ToJsonString());
        Assert.Equal(["Emma", "Else"], match["top_matches"]!.AsArray().Select(m => (string?)m!["name"]));
        Assert.Equal(1, (double)match["best_match"]!["confidence"]! + (double)match["best_match"]!["distance"]!, 3);
        Assert.Equal(0.45, (double)match["best_match"]!["threshold"]!, 3);
        Assert.Equal("w600k_mbf", (string?)match["best_match"]!["model"]);

        Assert.Single((await http.PostedAsync("/records/match", "image", Photos[1], ("top_k", "1")))["top_matches"]!.AsArray());
    }

    [Fact]
    public async Task A_stranger_is_not_recognised_and_a_stricter_threshold_is_obeyed()
    {
        using var http = facecloud.Gallery("records-stranger");
        await http.PostedAsync("/records", "image", Photos[0], ("name", "Emma"));
        var stranger = await http.PostedAsync("/records/match", "image", SomebodyElse);
        Assert.False((bool)stranger["recognized"]!);
        Assert.Null(stranger["best_match"]);
        Assert.Single(stranger["top_matches"]!.AsArray());

        Assert.False((bool)(await http.PostedAsync("/records/match", "image", Photos[1], ("threshold", "0.01")))["recognized"]!);
        Assert.True((bool)(await http.PostedAsync("/records/match", "image", SomebodyElse, ("threshold", "1")))["recognized"]!);
    }

    [Fact]
    public async Task An_empty_gallery_recognises_nobody()
    {
        using var http = facecloud.Gallery("records-empty");
        var match = await http.PostedAsync("/records/match", "image", Photos[0]);
        Assert.False((bool)match["recognized"]!);
        Assert.Empty(match["top_matches"]!.AsArray());
        Assert.Equal(0, (int)(await http.SendAsync(HttpMethod.Get, "/records")).Body["total_count"]!);
        Assert.Equal(0, (int)(await http.SendAsync(HttpMethod.Post, "/maintenance/rebuild-index")).Body["total_records"]!);
    }

    [Fact]
    public async Task Who_is_removed_through_one_dialect_is_forgotten_by_all()
    {
        using var http = facecloud.Gallery("records-forget");
        var record = await http.PostedAsync("/records", "image", Photos[0], ("name", "Emma"));
        Assert.Equal("Emma", DeviceClient.Largest(await http.RecognizeAsync(Photos[1])));
        Assert.Equal("Emma", (string?)(await http.PostedAsync("/analyze", "file", Photos[1], ("persist", "false")))["faces"]![0]!["identity"]);

        var (status, body) = await http.SendAsync(HttpMethod.Delete, $"/records/{record["record"]!["id"]}");
        Assert.Equal(200, status);
        Assert.Equal("Successfully deleted record for 'Emma'", (string?)body["message"]);
        Assert.Equal("Unknown", DeviceClient.Largest(await http.RecognizeAsync(Photos[1])));
        Assert.Equal("unknown", (string?)(await http.PostedAsync("/analyze", "file", Photos[1], ("persist", "false")))["faces"]![0]!["identity"]);
        Assert.Empty(await http.ListAsync());
        Assert.Equal(404, (await http.SendAsync(HttpMethod.Delete, $"/records/{record["record"]!["id"]}")).Status);
    }

    [Fact]
    public async Task Rebuilding_the_index_changes_no_answer_while_it_runs_or_afterwards()
    {
        using var http = facecloud.Gallery("records-rebuild");
        await http.PostedAsync("/records", "image", Photos[0], ("name", "Emma"));
        var rebuilds = Enumerable.Range(0, 5).Select(_ => http.SendAsync(HttpMethod.Post, "/maintenance/rebuild-index")).ToList();
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => http.RecognizeAsync(Photos[1])));
        Assert.All(answers, answer => Assert.Equal("Emma", DeviceClient.Largest(answer)));
        Assert.All(await Task.WhenAll(rebuilds), rebuild => Assert.Equal(1, (int)rebuild.Body["total_records"]!));
        Assert.Equal("Emma", DeviceClient.Largest(await http.RecognizeAsync(Photos[1])));
    }

    [Fact]
    public async Task Pages_of_records_come_in_the_order_of_enrolment()
    {
        using var http = facecloud.Gallery("records-pages");
        foreach (var name in new[] { "C", "A", "B" })
        {
            await http.PostedAsync("/records", "image", Photos[0], ("name", name));
        }

        var (_, page) = await http.SendAsync(HttpMethod.Get, "/records?skip=1&limit=1");
        Assert.Equal(3, (int)page["total_count"]!);
        Assert.Equal("A", (string?)Assert.Single(page["records"]!.AsArray())!["name"]);
    }

    [Theory]
    [InlineData("/records?skip=-1", 400)]
    [InlineData("/records?limit=0", 400)]
    [InlineData("/records?limit=many", 400)]
    [InlineData("/records/not-an-id", 405)]
    [InlineData("/records/a/b/c", 404)]
    public async Task A_bad_list_request_is_refused_in_the_form_of_the_dialect(string path, int expected)
    {
        var (status, body) = await facecloud.Http.SendAsync(HttpMethod.Get, path);
        FormClient.AssertDetail(expected, status, body);
    }

    [Theory]
    [InlineData("name", "", 400)]
    [InlineData("metadata", "[1]", 400)]
    [InlineData("metadata", "{", 400)]
    [InlineData("strict", "perhaps", 400)]
    public async Task A_bad_field_of_a_new_record_is_refused_and_changes_nothing(string field, string value, int expected)
    {
        using var http = facecloud.Gallery("records-bad-field");
        (string, string)[] fields = field == "name" ? [(field, value)] : [("name", "Emma"), (field, value)];
        var (status, body, _) = await http.PostPhotoAsync(
            "/records", "image", await File.ReadAllBytesAsync(Photos[0], TestContext.Current.CancellationToken), fields);
        FormClient.AssertDetail(expected, status, body);
        Assert.Equal(0, (int)(await http.SendAsync(HttpMethod.Get, "/records")).Body["total_count"]!);
    }

    [Theory]
    [InlineData("top_k", "0")]
    [InlineData("top_k", "101")]
    [InlineData("top_k", "2.5")]
    [InlineData("threshold", "-0.1")]
    [InlineData("threshold", "1.1")]
    [InlineData("threshold", "NaN")]
    public async Task A_match_parameter_out_of_range_is_refused(string field, string value)
    {
        var photo = await File.ReadAllBytesAsync(Photos[0], TestContext.Current.CancellationToken);
        var (status, body, _) = await facecloud.Http.PostPhotoAsync("/records/match", "image", photo, (field, value));
        FormClient.AssertDetail(400, status, body);
    }

    [Theory]
    [InlineData("/records", 422)]
    [InlineData("/records/match", 422)]
    [InlineData("/register", 400)]
    public async Task An_image_without_a_face_is_refused_with_the_status_of_its_dialect(string path, int expected)
    {
        var photo = await File.ReadAllBytesAsync(TestFiles.Photo("hard", "no_face.png"), TestContext.Current.CancellationToken);
        var field = path == "/register" ? "file" : "image";
        var (status, body, _) = await facecloud.Http.PostPhotoAsync(path, field, photo, ("name", "Nobody"), ("person_name", "Nobody"));
        FormClient.AssertDetail(expected, status, body);
        Assert.DoesNotContain("Nobody", (await facecloud.Http.ListAsync()).Keys);
    }

    [Theory]
    [InlineData("/records", "image")]
    [InlineData("/records/match", "image")]
    [InlineData("/analyze", "file")]
    [InlineData("/register", "file")]
    public async Task What_is_no_image_is_refused_everywhere(string path, string field)
    {
        byte[]?[] notImages = [null, [], Encoding.UTF8.GetBytes("just text"), [0xFF, 0xD8, 0xFF, 0xE0, 0, 16]];
        foreach (var bytes in notImages)
        {
            var (status, body, _) = await facecloud.Http.PostPhotoAsync(path, field, bytes, ("name", "Nobody"), ("person_name", "Nobody"));
            FormClient.AssertDetail(400, status, body);
        }

        var (tooLarge, detail, _) = await facecloud.Http.PostPhotoAsync(path, field, new byte[21_000_000], ("name", "Nobody"), ("person_name", "Nobody"));
        FormClient.AssertDetail(413, tooLarge, detail);

        using var json = new StringContent("{}", Encoding.UTF8, "application/json");
        using var response = await facecloud.Http.PostAsync(path, json, TestContext.Current.CancellationToken);
        Assert.Equal(400, (int)response.StatusCode);

        using var cut = new StringContent("--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nNobo");
        cut.Headers.ContentType = new("multipart/form-data") { Parameters = { new("boundary", "b") } };
        using var refused = await facecloud.Http.PostAsync(path, cut, TestContext.Current.CancellationToken);
        Assert.Equal(400, (int)refused.StatusCode);
    }

    [Fact]
    public async Task Several_faces_are_told_and_strict_refuses_them()
    {
        using var http = facecloud.Gallery("records-strict");
        var photo = await File.ReadAllBytesAsync(
            Directory.EnumerateFiles(TestFiles.Photo("groups"), "0_Parade_Parade_0_72.jpg").Single(),
            TestContext.Current.CancellationToken);
        var (status, _, headers) = await http.PostPhotoAsync("/records", "image", photo, ("name", "Marcher"));
        Assert.Equal(200, status);
        Assert.True(int.Parse(headers.GetValues("X-Faces-Found").Single(), System.Globalization.CultureInfo.InvariantCulture) > 1);
        var (strict, body, _) = await http.PostPhotoAsync("/records", "image", photo, ("name", "Other"), ("strict", "true"));
        FormClient.AssertDetail(400, strict, body);
        Assert.Equal(["Marcher"], (await http.ListAsync()).Keys);
    }
}
