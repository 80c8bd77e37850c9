using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>The device dialect word for word: names, types and meaning of every field it answers with.</summary>
public sealed partial class DeviceContractTests(RunningFaceCloud facecloud) : IClassFixture<RunningFaceCloud>
{
    // Two people with two photos each, and somebody else.
    private static readonly Lazy<(string Name, string[] Photos)[]> Known = new(() => [.. People.WithSeveralPhotos.Take(2)]);

    private static string Group => TestFiles.Photo("groups", "13_Interview_Interview_On_Location_13_284.jpg");

    [Fact]
    public async Task Health_names_the_models_that_are_loaded()
    {
        var health = (await facecloud.Http.GetFromJsonAsync<JsonObject>("/health"))!;
        Assert.Equal("healthy", (string?)health["status"]);
        Assert.Equal(JsonValueKind.String, health["service"]!.GetValueKind());
        Assert.True((bool)health["model_loaded"]!);
        Assert.Equal("scrfd_500m", (string?)health["detection_model"]);
        Assert.Equal("w600k_mbf", (string?)health["recognition_model"]);
        Assert.True((bool)health["database_enabled"]!);
        Assert.Equal(HttpStatusCode.OK, (await facecloud.Http.GetAsync("/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await facecloud.Http.GetAsync("/health/ready")).StatusCode);
    }

    [Fact]
    public async Task Detect_answers_boxes_confidences_and_landmarks_only_if_asked()
    {
        var plain = await facecloud.Http.DetectAsync(Group);
        Fields(plain, "faces", "count", "inference_time_ms");
        var faces = plain["faces"]!.AsArray();
        Assert.True(faces.Count > 1);
        Assert.Equal(faces.Count, (int)plain["count"]!);
        Assert.True((double)plain["inference_time_ms"]! > 0);
        Assert.All(faces, face =>
        {
            Fields(face!, "bbox", "confidence", "landmarks");
            Box(face!["bbox"]!);
            Assert.InRange((double)face["confidence"]!, 0.0, 1.0);
            Assert.Null(face["landmarks"]);
        });

        var asked = (await facecloud.Http.DetectAsync(Group, landmarks: true))["faces"]!.AsArray();
        Assert.Equal(faces.Count, asked.Count);
        Assert.All(asked, face =>
        {
            var points = face!["landmarks"]!.AsArray();
            Assert.Equal(5, points.Count);
            Assert.All(points, point => Assert.Equal(2, point!.AsArray().Select(number => (double)number!).Count()));
        });
    }

    [Fact]
    public async Task Embed_answers_a_unit_vector_of_512_and_the_box_it_was_taken_from()
    {
        var photo = Known.Value[0].Photos[0];
        var whole = await OkAsync("/v1/embed", new { image = DeviceClient.Image(photo) });
        Fields(whole, "embedding", "dimension", "bbox");
        var vector = whole["embedding"].Deserialize<float[]>()!;
        Assert.Equal(512, vector.Length);
        Assert.Equal(512, (int)whole["dimension"]!);
        Assert.Equal(1, Math.Sqrt(vector.Sum(x => (double)x * x)), 4);
        Assert.Equal((await facecloud.Http.DetectAsync(photo))["faces"]![0]!["bbox"]!.ToJsonString(), whole["bbox"]!.ToJsonString());
    }

    [Fact]
    public async Task A_box_chooses_the_face_and_is_echoed()
    {
        var faces = (await facecloud.Http.DetectAsync(Group))["faces"]!.AsArray().Select(face => Box(face!["bbox"]!)).ToList();
        var image = DeviceClient.Image(Group);
        var vectors = new List<float[]>();
        foreach (var box in faces.Take(3))
        {
            // Not quite the detector's: a box drawn by hand.
            int[] drawn = [box[0] - 2, box[1] + 1, box[2] + 3, box[3] - 1];
            var answer = await OkAsync("/v1/embed", new { image, bbox = drawn });
            Assert.Equal(drawn, answer["bbox"].Deserialize<int[]>());
            vectors.Add(answer["embedding"].Deserialize<float[]>()!);
        }

        var largest = (await facecloud.Http.EmbedAsync(Group))!;
        Assert.True(Cosine(largest, vectors[0]) > 0.99);
        Assert.True(Cosine(largest, vectors[1]) < 0.5);

        using var http = facecloud.Gallery("boxes");
        await OkAsync(http, "/v1/database/add", new { name = "Second", image, bbox = faces[1] });
        var named = (await http.RecognizeAsync(Group))["faces"]!.AsArray();
        Assert.Equal(faces[1], Box(Assert.Single(named, face => (string?)face!["identity"] == "Second")!["bbox"]!));
    }

    [Fact]
    public async Task Recognize_names_who_is_known_and_keeps_a_score_of_zero_for_who_is_not()
    {
        using var http = facecloud.Gallery("recognize");
        var nobody = (await http.RecognizeAsync(Known.Value[0].Photos[0]))["faces"]![0]!;
        Assert.Equal("Unknown", (string?)nobody["identity"]);
        Assert.Equal("0", ((double)nobody["match_score"]!).ToString("R"));
        Assert.Null(nobody["cosine"]);

        await http.AddAsync(Known.Value[0].Name, Known.Value[0].Photos[0]);
        var answer = await http.RecognizeAsync(Known.Value[0].Photos[1]);
        Fields(answer, "faces", "count", "inference_time_ms");
        Assert.Equal(answer["faces"]!.AsArray().Count, (int)answer["count"]!);
        var known = answer["faces"]![0]!;
        Fields(known, "bbox", "detection_confidence", "identity", "match_score", "cosine", "threshold", "model", "model_licence", "model_sha256");
        Box(known["bbox"]!);
        Assert.InRange((double)known["detection_confidence"]!, 0.0, 1.0);
        Assert.Equal(Known.Value[0].Name, (string?)known["identity"]);
        Assert.InRange((double)known["match_score"]!, 0.5, 1.0);
        Assert.Equal(0.5, (double)known["threshold"]!);
        Assert.Equal("w600k_mbf", (string?)known["model"]);
        Assert.Equal("InsightFace weights: non-commercial research use only", (string?)known["model_licence"]);
        Assert.Equal("815ab1b0e0bc5953d6db62241ecabee26cd3b959c33c5e9411039e00a6fd49c0", (string?)known["model_sha256"]);

        var stranger = (await http.RecognizeAsync(Known.Value[1].Photos[0]))["faces"]![0]!;
        Assert.Equal("Unknown", (string?)stranger["identity"]);
        Assert.Equal(0, (double)stranger["match_score"]!);
        Assert.InRange((double)stranger["cosine"]!, -1.0, 0.294);
    }

    [Fact]
    public async Task A_threshold_in_the_request_is_obeyed_as_it_is()
    {
        using var http = facecloud.Gallery("threshold");
        var (name, photos) = Known.Value[0];
        await http.AddAsync(name, photos[0]);
        var score = (double)(await http.RecognizeAsync(photos[1]))["faces"]![0]!["match_score"]!;
        Assert.InRange(score, 0.5, 0.9999);
        foreach (var (threshold, identity) in new[] { (0, name), (score - 0.001, name), (score + 0.001, "Unknown"), (1.0, "Unknown") })
        {
            var face = (await http.RecognizeAsync(photos[1], threshold))["faces"]![0]!;
            Assert.Equal(identity, (string?)face["identity"]);
            Assert.Equal(threshold, (double)face["threshold"]!, 4);
            Assert.Equal(identity == name ? score : 0, (double)face["match_score"]!);
        }

        // A stranger is somebody if the client says that anything will do.
        Assert.Equal(name, DeviceClient.Largest(await http.RecognizeAsync(Known.Value[1].Photos[0], threshold: 0)));
    }

    [Fact]
    public async Task Add_list_and_remove_keep_names_counts_and_times()
    {
        using var http = facecloud.Gallery("people");
        Assert.Equal("""{"identities":[],"count":0}""", await http.GetStringAsync("/v1/database/list"));
        var before = DateTime.UtcNow.AddSeconds(-1);
        var (name, photos) = Known.Value[0];
        var added = await OkAsync(http, "/v1/database/add", new { name, image = DeviceClient.Image(photos[0]) });
        Assert.Equal($$"""{"message":"Identity '{{name}}' added successfully","name":"{{name}}"}""", Plain(added));

        // A known name: one more embedding of the same person. White space around a name is none of it.
        await http.AddAsync($"  {name} ", photos[1]);
        await http.AddAsync("Zoë O'Neill \"誰\" 🙂", Known.Value[1].Photos[0]);
        var list = JsonNode.Parse(await http.GetStringAsync("/v1/database/list"))!;
        Fields(list, "identities", "count");
        Assert.Equal(2, (int)list["count"]!);
        var identities = list["identities"]!.AsArray();
        Assert.All(identities, identity =>
        {
            Fields(identity!, "name", "embedding_count", "created_at");
            var text = (string)identity!["created_at"]!;
            Assert.Matches(CreatedAt(), text);
            Assert.InRange(DateTime.SpecifyKind(DateTime.Parse(text, null), DateTimeKind.Utc), before, DateTime.UtcNow);
        });
        Assert.Equal(new Dictionary<string, int> { [name] = 2, ["Zoë O'Neill \"誰\" 🙂"] = 1 }, await http.ListAsync());
        Assert.Equal("Zoë O'Neill \"誰\" 🙂", DeviceClient.Largest(await http.RecognizeAsync(Known.Value[1].Photos[1])));

        var removed = await OkAsync(http, "/v1/database/remove", new { name });
        Assert.Equal($$"""{"message":"Identity '{{name}}' removed successfully","name":"{{name}}"}""", Plain(removed));
        Assert.Equal("Unknown", DeviceClient.Largest(await http.RecognizeAsync(photos[0])));
        await DeviceError.AssertAsync(404, await http.PostAsJsonAsync("/v1/database/remove", new { name }));
        Assert.Single(await http.ListAsync());
    }

    [Fact]
    public async Task Two_galleries_never_see_each_other()
    {
        using var one = facecloud.Gallery("one");
        using var two = facecloud.Gallery("two");
        await one.AddAsync("Same name", Known.Value[0].Photos[0]);
        await two.AddAsync("Same name", Known.Value[1].Photos[0]);
        Assert.Equal("Same name", DeviceClient.Largest(await one.RecognizeAsync(Known.Value[0].Photos[1])));
        Assert.Equal("Unknown", DeviceClient.Largest(await one.RecognizeAsync(Known.Value[1].Photos[1])));
        Assert.Equal("Unknown", DeviceClient.Largest(await two.RecognizeAsync(Known.Value[0].Photos[1])));
        await OkAsync(one, "/v1/database/remove", new { name = "Same name" });
        Assert.Empty(await one.ListAsync());
        Assert.Equal(new Dictionary<string, int> { ["Same name"] = 1 }, await two.ListAsync());
        Assert.Equal("Same name", DeviceClient.Largest(await two.RecognizeAsync(Known.Value[1].Photos[1])));
        Assert.DoesNotContain("Same name", (await facecloud.Http.ListAsync()).Keys);
    }

    [Fact]
    public async Task Without_the_header_it_is_the_gallery_called_default()
    {
        using var http = facecloud.Gallery("default");
        await facecloud.Http.AddAsync("Of default", Known.Value[0].Photos[0]);
        Assert.Contains("Of default", (await http.ListAsync()).Keys);
        await OkAsync(http, "/v1/database/remove", new { name = "Of default" });
        Assert.DoesNotContain("Of default", (await facecloud.Http.ListAsync()).Keys);
    }

    [Fact]
    public async Task Enrolment_says_how_many_faces_there_were_and_strict_refuses_more_than_one()
    {
        using var http = facecloud.Gallery("strict");
        var count = (int)(await http.DetectAsync(Group))["count"]!;
        var body = new { name = "Largest", image = DeviceClient.Image(Group) };
        using var added = await http.PostAsJsonAsync("/v1/database/add", body);
        Assert.Equal(HttpStatusCode.OK, added.StatusCode);
        Assert.Equal($"{count}", Assert.Single(added.Headers.GetValues("X-Faces-Found")));
        await DeviceError.AssertAsync(400, await http.PostAsJsonAsync("/v1/database/add?strict=true", body));
        await DeviceError.AssertAsync(400, await http.PostAsJsonAsync("/v1/database/add", new { body.name, body.image, strict = true }));
        Assert.Equal(new Dictionary<string, int> { ["Largest"] = 1 }, await http.ListAsync());
        await OkAsync(http, "/v1/database/add?strict=true", new { name = "Alone", image = DeviceClient.Image(Known.Value[0].Photos[0]) });
    }

    [Fact]
    public async Task An_image_may_come_in_every_form_base64_is_written_in()
    {
        var bytes = await File.ReadAllBytesAsync(Known.Value[0].Photos[0]);
        var base64 = Convert.ToBase64String(bytes);
        var expected = Plain(WithoutTime(await facecloud.Http.DetectAsync(Known.Value[0].Photos[0])));
        Assert.Contains('/', base64);
        foreach (var image in new[]
        {
            base64,
            "data:image/jpeg;base64," + base64,
            "data:image/png;base64," + base64, // the bytes count, not what they are called
            "data:;base64," + base64,
            "data:image/jpeg;name=a.jpg;base64," + base64,
            base64.Replace("/", "\\/", StringComparison.Ordinal),
            "data:image\\/jpeg;base64," + base64.Replace("/", "\\u002f", StringComparison.Ordinal),
            Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks).Replace("\r\n", "\\r\\n", StringComparison.Ordinal),
            Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks).Replace("\r\n", "\\n", StringComparison.Ordinal),
        })
        {
            using var content = new StringContent($$"""{"image":"{{image}}","unknown_field":{"of":["any"] } }""", Encoding.UTF8, "application/json");
            using var response = await facecloud.Http.PostAsync("/v1/detect", content);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, $"{image[..40]}: {text}");
            Assert.Equal(expected, Plain(WithoutTime(JsonNode.Parse(text)!)));
        }
    }

    [Fact]
    public async Task Fields_that_are_null_are_as_if_they_were_left_out()
    {
        using var http = facecloud.Gallery("null");
        var image = DeviceClient.Image(Known.Value[0].Photos[0]);
        await OkAsync(http, "/v1/detect", new { image, return_landmarks = (bool?)null });
        await OkAsync(http, "/v1/embed", new { image, bbox = (int[]?)null });
        await OkAsync(http, "/v1/recognize", new { image, threshold = (double?)null });
        await OkAsync(http, "/v1/database/add", new { name = "A", image, bbox = (int[]?)null, strict = (bool?)null });
    }

    [Fact]
    public async Task With_the_database_switched_off_only_detection_and_embedding_answer()
    {
        using var data = new DataFolder();
        await using var off = await FaceCloudProcess.StartAsync(data.Path, new Dictionary<string, string> { ["Database__Enabled"] = "false" });
        var photo = Known.Value[0].Photos[0];
        var image = DeviceClient.Image(photo);
        Assert.Equal(1, (int)(await off.Http.DetectAsync(photo))["count"]!);
        Assert.NotNull(await off.Http.EmbedAsync(photo));
        Assert.False((bool)(await off.Http.GetFromJsonAsync<JsonObject>("/health"))!["database_enabled"]!);
        await DeviceError.AssertAsync(503, await off.Http.PostAsJsonAsync("/v1/recognize", new { image }));
        await DeviceError.AssertAsync(503, await off.Http.PostAsJsonAsync("/v1/database/add", new { name = "A", image }));
        await DeviceError.AssertAsync(503, await off.Http.PostAsJsonAsync("/v1/database/remove", new { name = "A" }));
        await DeviceError.AssertAsync(503, await off.Http.GetAsync("/v1/database/list"));
    }

    [GeneratedRegex(@"\A\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\z")]
    private static partial Regex CreatedAt();

    private static void Fields(JsonNode node, params string[] names) => Assert.Equal(names, node.AsObject().Select(field => field.Key));

    private static int[] Box(JsonNode box)
    {
        var numbers = box.Deserialize<int[]>()!;
        Assert.Equal(4, numbers.Length);
        Assert.All(numbers, number => Assert.True(number >= 0));
        return numbers;
    }

    private static double Cosine(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    private static JsonNode WithoutTime(JsonNode answer)
    {
        answer.AsObject().Remove("inference_time_ms");
        return answer;
    }

    private static string Plain(JsonNode node) =>
        node.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private Task<JsonNode> OkAsync(string path, object body) => OkAsync(facecloud.Http, path, body);

    private static async Task<JsonNode> OkAsync(HttpClient http, string path, object body)
    {
        using var response = await http.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{(int)response.StatusCode} {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return JsonNode.Parse(text)!;
    }
}
