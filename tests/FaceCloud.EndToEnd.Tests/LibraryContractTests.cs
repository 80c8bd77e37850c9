namespace FaceCloud.EndToEnd.Tests;

/// <summary>The library dialect's published examples of curation, each request and each answer, and what its rules add.</summary>
public sealed class LibraryContractTests(RunningFaceCloud facecloud) : IClassFixture<RunningFaceCloud>
{
    private static string[] Photos => [.. People.SinglePhotos.Take(6)];

    [Fact]
    public async Task Assign()
    {
        using var http = facecloud.Gallery("library-assign");
        var face = await http.FaceAsync(Photos[0]);
        var (john, jane) = (await http.PersonAsync("John Doe"), await http.PersonAsync("Jane Smith"));
        var answer = await http.OkAsync(HttpMethod.Post, "/api/faces/assign", new { faceId = face, personId = john });
        LibraryClient.AssertLike(
            """{"success":true,"message":"Face assigned to person successfully","person":{"id":5,"name":"John Doe","face_count":26}}""", answer);
        Assert.Equal("Face assigned to person successfully", (string?)answer["message"]);
        Assert.Equal((john, "John Doe", 1), ((long)answer["person"]!["id"]!, (string?)answer["person"]!["name"], (int)answer["person"]!["face_count"]!));

        Assert.Equal(1, (int)(await http.OkAsync(HttpMethod.Post, "/api/faces/assign", new { faceId = face, personId = john }))["person"]!["face_count"]!);
        await http.RefusedAsync(
            409, $$$"""{"error":"Face already assigned to person","code":"ALREADY_EXISTS","details":{"face_id":{{{face}}},"current_person":"John Doe"}}""",
            HttpMethod.Post, "/api/faces/assign", new { faceId = face, personId = jane });
        await http.RefusedAsync(
            404, """{"error":"Face not found","code":"NOT_FOUND","details":{"face_id":999999}}""",
            HttpMethod.Post, "/api/faces/assign", new { faceId = 999999, personId = john });
        await http.RefusedAsync(
            404, """{"error":"Person not found","code":"NOT_FOUND","details":{"person_id":-1}}""",
            HttpMethod.Post, "/api/faces/assign", new { faceId = face, personId = -1 });
        using var elsewhere = facecloud.Gallery("library-elsewhere");
        await elsewhere.RefusedAsync(
            404, $$$"""{"error":"Person not found","code":"NOT_FOUND","details":{"person_id":{{{john}}}}}""",
            HttpMethod.Post, "/api/faces/assign", new { faceId = face, personId = john });
    }

    [Fact]
    public async Task Batch_assign()
    {
        using var http = facecloud.Gallery("library-batch");
        var faces = await FacesAsync(http, 4);
        var (john, jane) = (await http.PersonAsync("John Doe"), await http.PersonAsync("Jane Smith"));
        var answer = await http.OkAsync(HttpMethod.Post, "/api/faces/batch-assign", new { faceIds = faces[..3], personId = john });
        LibraryClient.AssertLike(
            """
            {"person":{"id":5,"name":"John Doe","face_count":28},"message":"Batch assignment completed: 3 successful, 0 failed","successCount":3,"errorCount":0}
            """,
            answer);
        Assert.Equal("Batch assignment completed: 3 successful, 0 failed", (string?)answer["message"]);
        Assert.Equal(3, (int)answer["person"]!["face_count"]!);

        answer = await http.OkAsync(HttpMethod.Post, "/api/faces/batch-assign", new { faceIds = new[] { faces[0], faces[3], 0 }, personId = jane });
        Assert.Equal("Batch assignment completed: 1 successful, 2 failed", (string?)answer["message"]);
        Assert.Equal((1, 2, 1), ((int)answer["successCount"]!, (int)answer["errorCount"]!, (int)answer["person"]!["face_count"]!));
    }

    [Fact]
    public async Task Bulk_assign()
    {
        using var http = facecloud.Gallery("library-bulk");
        var faces = await FacesAsync(http, 6);
        var (john, jane) = (await http.PersonAsync("John Doe"), await http.PersonAsync("Jane Smith"));
        var answer = await http.OkAsync(
            HttpMethod.Post, "/api/faces/bulk-assign", new { faceIds = faces[..5], personId = john, confidence = 0.95, method = "manual_bulk" });
        LibraryClient.AssertLike(
            """
            {"success":true,"message":"Assigned 5 faces to John Doe","results":[{"faceId":1,"success":true},{"faceId":2,"success":true}],
             "person":{"id":5,"name":"John Doe","face_count":30}}
            """,
            answer);
        Assert.Equal("Assigned 5 faces to John Doe", (string?)answer["message"]);
        Assert.Equal(faces[..5], answer["results"]!.AsArray().Select(result => (long)result!["faceId"]!));

        answer = await http.OkAsync(HttpMethod.Post, "/api/faces/bulk-assign", new { faceIds = new[] { faces[0], faces[5], 0, faces[5] }, personId = jane });
        Assert.Equal("Assigned 1 faces to Jane Smith", (string?)answer["message"]);
        Assert.Equal(
            $$$"""[{"faceId":{{{faces[0]}}},"success":false,"error":"Face already assigned to person"},"""
                + $$$"""{"faceId":{{{faces[5]}}},"success":true},{"faceId":0,"success":false,"error":"Face not found"},"""
                + $$$"""{"faceId":{{{faces[5]}}},"success":true}]""",
            answer["results"]!.ToJsonString());
        Assert.False((bool)(await http.OkAsync(HttpMethod.Post, "/api/faces/bulk-assign", new { faceIds = faces[..1], personId = jane }))["success"]!);
        await http.RefusedAsync(
            404, """{"error":"Person not found","code":"NOT_FOUND","details":{"person_id":999999}}""",
            HttpMethod.Post, "/api/faces/bulk-assign", new { faceIds = faces, personId = 999999 });
    }

    [Theory]
    [InlineData("/api/faces/assign", """{"faceId":"1","personId":1}""")]
    [InlineData("/api/faces/assign", """{"faceId":1.5,"personId":1}""")]
    [InlineData("/api/faces/assign", """{"personId":1}""")]
    [InlineData("/api/faces/assign", """[1]""")]
    [InlineData("/api/faces/assign", """nothing""")]
    [InlineData("/api/faces/batch-assign", """{"faceIds":[],"personId":1}""")]
    [InlineData("/api/faces/batch-assign", """{"faceIds":1,"personId":1}""")]
    [InlineData("/api/faces/batch-assign", """{"faceIds":[null],"personId":1}""")]
    [InlineData("/api/faces/bulk-assign", """{"faceIds":[1],"personId":1,"confidence":1.01}""")]
    [InlineData("/api/faces/bulk-assign", """{"faceIds":[1],"personId":1,"confidence":-0.01}""")]
    [InlineData("/api/faces/1/review", """{"personId":1}""")]
    [InlineData("/api/people", """{"name":" "}""")]
    [InlineData("/api/people/1/merge", """{"sourceIds":[1]}""")]
    public async Task What_is_wrong_with_a_body_is_said(string path, string json)
    {
        var (status, body, _) = await facecloud.Http.CallAsync(HttpMethod.Post, path, json);
        Assert.Equal((400, "INVALID_REQUEST"), (status, (string?)body["code"]));
        Assert.Matches(@"\A[A-Z][^\r\n]{9,299}\z", (string?)body["error"]);
        Assert.Empty(body["details"]!.AsObject());
    }

    [Fact]
    public async Task More_than_ten_thousand_faces_are_refused() =>
        Assert.Equal(400, (await facecloud.Http.CallAsync(
            HttpMethod.Post, "/api/faces/bulk-assign", new { faceIds = Enumerable.Range(1, 10_001), personId = 1 })).Status);

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=1001")]
    [InlineData("offset=-1")]
    [InlineData("random=perhaps")]
    [InlineData("gender=other")]
    [InlineData("ageMin=50&ageMax=20")]
    [InlineData("ageMax=1e400")]
    [InlineData("minConfidence=1.5")]
    public async Task What_is_wrong_with_a_filter_is_said(string query)
    {
        var (status, body, _) = await facecloud.Http.CallAsync(HttpMethod.Get, $"/api/faces/unidentified?{query}");
        Assert.Equal((400, "INVALID_REQUEST"), (status, (string?)body["code"]));
    }

    [Fact]
    public async Task Unidentified()
    {
        using var http = facecloud.Gallery("library-unidentified");
        var faces = await FacesAsync(http, 4);
        var john = await http.PersonAsync("John Doe");
        await http.OkAsync(HttpMethod.Post, "/api/faces/assign", new { faceId = faces[0], personId = john });
        await http.OkAsync(HttpMethod.Post, $"/api/faces/{faces[1]}/mark-invalid");

        var answer = await http.OkAsync(HttpMethod.Get, "/api/faces/unidentified?limit=20&random=true&minConfidence=0.1");
        LibraryClient.AssertLike(
            """
            {"faces":[{"id":1,"face_image_path":"/processed/faces/unknown_1.jpg","detection_confidence":0.95,"gender":"male","age":25,
              "face_url":"/processed/faces/unknown_1.jpg",
              "image":{"id":100,"filename":"IMG_001.jpg","date_taken":"2023-01-01T12:00:00Z","media_url":"/media/2023/01/IMG_001.jpg"}}],
             "count":10,"totalCount":150,"filters":{"random":true,"minConfidence":0.8}}
            """,
            answer);
        var largest = answer["faces"]!.AsArray().Single(face => (long)face!["id"]! == faces[2])!;
        Assert.Equal(LibraryClient.Taken, (string?)largest["image"]!["date_taken"]);
        foreach (var path in new[] { largest["face_image_path"], largest["face_url"], largest["image"]!["media_url"] })
        {
            using var file = await http.GetAsync((string)path!, TestContext.Current.CancellationToken);
            Assert.Equal((200, "image/jpeg"), ((int)file.StatusCode, file.Content.Headers.ContentType?.MediaType));
        }

        var ids = answer["faces"]!.AsArray().Select(face => (long)face!["id"]!).ToArray();
        Assert.DoesNotContain(faces[0], ids);
        Assert.DoesNotContain(faces[1], ids);
        Assert.Equal((ids.Length, ids.Length), ((int)answer["count"]!, (int)answer["totalCount"]!));

        var adults = await http.OkAsync(HttpMethod.Get, "/api/faces/unidentified?minConfidence=0.9&ageMin=18");
        Assert.Equal("""{"ageMin":18,"minConfidence":0.9}""", adults["filters"]!.ToJsonString());
        Assert.All(adults["faces"]!.AsArray(), face => Assert.True((int)face!["age"]! >= 18 && (double)face["detection_confidence"]! >= 0.9));
        var (women, men) = (await CountAsync(http, "gender=female"), await CountAsync(http, "gender=male"));
        Assert.Equal(ids.Length, women + men);

        var inOrder = (await http.OkAsync(HttpMethod.Get, "/api/faces/unidentified"))["faces"]!.AsArray().Select(face => (long)face!["id"]!).ToArray();
        Assert.Equal(ids.OrderDescending(), inOrder);
        var page = await http.OkAsync(HttpMethod.Get, "/api/faces/unidentified?limit=1&offset=1");
        Assert.Equal((inOrder[1], 1, ids.Length), ((long)page["faces"]![0]!["id"]!, (int)page["count"]!, (int)page["totalCount"]!));
        Assert.Equal("{}", page["filters"]!.ToJsonString());
    }

    [Fact]
    public async Task Remove_mark_and_delete()
    {
        using var http = facecloud.Gallery("library-manage");
        var face = await http.FaceAsync(Photos[0]);
        var john = await http.PersonAsync("John Doe");
        await http.OkAsync(HttpMethod.Post, "/api/faces/assign", new { faceId = face, personId = john });
        Assert.Equal(
            """{"message":"Face removed from person successfully"}""",
            (await http.OkAsync(HttpMethod.Delete, $"/api/faces/{face}/person")).ToJsonString());
        await http.RefusedAsync(
            404,
            $$$"""{"error":"Face is not assigned to a person","code":"NOT_FOUND","details":{"face_id":{{{face}}}}}""",
            HttpMethod.Delete,
            $"/api/faces/{face}/person");
        Assert.Equal(
            """{"message":"Face marked as invalid successfully"}""",
            (await http.OkAsync(HttpMethod.Post, $"/api/faces/{face}/mark-invalid")).ToJsonString());
        Assert.Equal(
            """{"message":"Face marked as unknown successfully"}""",
            (await http.OkAsync(HttpMethod.Post, $"/api/faces/{face}/mark-unknown")).ToJsonString());

        using var crop = await http.GetAsync($"/processed/faces/face_{face}.jpg", TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)crop.StatusCode);
        Assert.Equal(
            $$$"""{"success":true,"message":"Face deleted successfully","deletedFaceId":{{{face}}}}""",
            (await http.OkAsync(HttpMethod.Delete, $"/api/faces/{face}")).ToJsonString());
        using var gone = await http.GetAsync($"/processed/faces/face_{face}.jpg", TestContext.Current.CancellationToken);
        Assert.Equal(404, (int)gone.StatusCode);
        await http.RefusedAsync(
            404, $$$"""{"error":"Face not found","code":"NOT_FOUND","details":{"face_id":{{{face}}}}}""", HttpMethod.Delete, $"/api/faces/{face}");
    }

    [Fact]
    public async Task Needs_review_and_review()
    {
        using var http = facecloud.Gallery("library-review");
        var emma = People.WithSeveralPhotos.First(person => person.Name == "Emma_Thompson").Photos;
        var (known, one, other) = (await http.FaceAsync(emma[0]), await http.FaceAsync(emma[1]), await http.FaceAsync(emma[2]));
        var john = await http.PersonAsync("John Doe");
        await http.OkAsync(HttpMethod.Post, "/api/faces/assign", new { faceId = known, personId = john });
        await http.OkAsync(HttpMethod.Post, "/api/faces/auto-recognize?minConfidence=1");

        var waiting = await http.OkAsync(HttpMethod.Get, "/api/faces/needs-review");
        LibraryClient.AssertLike(
            """
            {"faces":[{"id":1,"person_confidence":0.75,"needs_review":true,"person":{"id":5,"name":"John Doe"},
              "image":{"id":100,"filename":"IMG_001.jpg","date_taken":"2023-01-01T12:00:00Z"}}],"count":5}
            """,
            waiting);
        Assert.Equal([other, one], waiting["faces"]!.AsArray().Select(face => (long)face!["id"]!));
        Assert.Equal(
            $$$"""{"message":"Face assignment approved","face":{"id":{{{one}}},"person_id":{{{john}}},"needs_review":false}}""",
            (await http.OkAsync(HttpMethod.Post, $"/api/faces/{one}/review", new { approved = true, personId = john })).ToJsonString());
        Assert.Equal(
            $$$"""{"message":"Face assignment rejected","face":{"id":{{{other}}},"person_id":null,"needs_review":false}}""",
            (await http.OkAsync(HttpMethod.Post, $"/api/faces/{other}/review", new { approved = false })).ToJsonString());
        await http.RefusedAsync(
            409, $$$"""{"error":"Face has nothing to review","code":"ALREADY_EXISTS","details":{"face_id":{{{other}}}}}""",
            HttpMethod.Post, $"/api/faces/{other}/review", new { approved = true, personId = john });

        // Not this person, for ever.
        await http.OkAsync(HttpMethod.Post, "/api/faces/auto-recognize?minConfidence=0.5");
        Assert.Equal(0, (int)(await http.OkAsync(HttpMethod.Get, "/api/faces/needs-review"))["count"]!);
        Assert.Equal(2, (int)(await http.OkAsync(HttpMethod.Get, $"/api/people/{john}"))["face_count"]!);
    }

    [Fact]
    public async Task Reassign()
    {
        using var http = facecloud.Gallery("library-reassign");
        var face = await http.FaceAsync(Photos[0]);
        var (john, jane) = (await http.PersonAsync("John Doe"), await http.PersonAsync("Jane Smith"));
        await http.OkAsync(HttpMethod.Post, "/api/faces/assign", new { faceId = face, personId = john });
        var request = new { fromPersonId = john, toPersonId = jane, confidence = 0.95, reason = "Correction after review" };
        var answer = await http.OkAsync(HttpMethod.Put, $"/api/faces/{face}/reassign", request);
        LibraryClient.AssertLike(
            """
            {"success":true,"message":"Face reassigned from John Doe to Jane Smith","fromPerson":{"id":5,"name":"John Doe","face_count":24},
             "toPerson":{"id":10,"name":"Jane Smith","face_count":16}}
            """,
            answer);
        Assert.Equal("Face reassigned from John Doe to Jane Smith", (string?)answer["message"]);
        Assert.Equal((0, 1), ((int)answer["fromPerson"]!["face_count"]!, (int)answer["toPerson"]!["face_count"]!));
        await http.RefusedAsync(
            409, $$$"""{"error":"Face is not assigned to John Doe","code":"ALREADY_EXISTS","details":{"face_id":{{{face}}},"current_person":"Jane Smith"}}""",
            HttpMethod.Put, $"/api/faces/{face}/reassign", request);
    }

    [Fact]
    public async Task People_are_created_found_renamed_merged_and_deleted_and_all_of_it_is_undone()
    {
        using var http = facecloud.Gallery("library-people");
        var faces = await FacesAsync(http, 2);
        var (john, jane) = (await http.PersonAsync("John Doe"), await http.PersonAsync("Jane Smith"));
        await http.RefusedAsync(
            409, $$$"""{"error":"A person of this name exists already","code":"ALREADY_EXISTS","details":{"person_id":{{{john}}}}}""",
            HttpMethod.Post, "/api/people", new { name = "John Doe" });
        await http.OkAsync(HttpMethod.Post, "/api/faces/assign", new { faceId = faces[0], personId = john });
        await http.OkAsync(HttpMethod.Post, "/api/faces/assign", new { faceId = faces[1], personId = jane });

        var people = await http.OkAsync(HttpMethod.Get, "/api/people");
        LibraryClient.AssertLike(
            """{"people":[{"id":1,"uuid":"u","name":"n","face_count":1,"created_at":"2023-01-01T12:00:00Z","cover":"/processed/faces/face_1.jpg"}"""
                + """],"count":2,"totalCount":2}""",
            people);
        Assert.Equal(["Jane Smith", "John Doe"], people["people"]!.AsArray().Select(person => (string?)person!["name"]));
        var found = await http.OkAsync(HttpMethod.Get, "/api/people?name=hn%20D&limit=1");
        Assert.Equal((john, 1), ((long)found["people"]![0]!["id"]!, (int)found["totalCount"]!));
        Assert.Equal(0, (int)(await http.OkAsync(HttpMethod.Get, "/api/people?name=%25"))["totalCount"]!);

        var before = await EverybodyAsync(http);
        Assert.Equal("Johnny", (string?)(await http.OkAsync(HttpMethod.Put, $"/api/people/{john}", new { name = "Johnny" }))["name"]);
        var merged = await http.OkAsync(HttpMethod.Post, $"/api/people/{john}/merge", new { sourceIds = new[] { jane } });
        Assert.Equal("Merged 1 person into Johnny", (string?)merged["message"]);
        Assert.Equal(2, (int)merged["person"]!["face_count"]!);
        var (status, deleted, headers) = await http.CallAsync(HttpMethod.Delete, $"/api/people/{john}");
        Assert.Equal((200, john), (status, (long)deleted["deletedPersonId"]!));
        Assert.Equal(2, await CountAsync(http, "limit=1000"));

        var history = await http.OkAsync(HttpMethod.Get, $"/api/people/{john}/history");
        LibraryClient.AssertLike(
            """
            {"entries":[{"id":1,"at":"2023-01-01T12:00:00Z","actor":"anonymous","dialect":"library","action":"merge","reason":null,"undoes":null,
              "undone_by":null,"change_count":3,"changes":[]}],"count":5,"totalCount":5}
            """,
            history);
        Assert.Equal(
            ["delete_person", "merge", "rename_person", "assign", "create_person"], history["entries"]!.AsArray().Select(entry => (string?)entry!["action"]));
        Assert.Equal(headers.GetValues("X-History-Entry").Single(), history["entries"]![0]!["id"]!.ToJsonString());
        long? undo = null;
        foreach (var entry in history["entries"]!.AsArray().Take(3))
        {
            var undone = await http.OkAsync(HttpMethod.Post, $"/api/history/{entry!["id"]}/undo", new { reason = "It was a mistake" });
            Assert.Equal((long)entry["id"]!, (long)undone["entry"]!["undoes"]!);
            undo = (long)undone["entry"]!["id"]!;
        }

        Assert.Equal(before, await EverybodyAsync(http));
        var after = await http.OkAsync(HttpMethod.Get, $"/api/people/{john}/history");
        Assert.Equal(undo, (long)after["entries"]!.AsArray().Single(entry => (string?)entry!["action"] == "rename_person")!["undone_by"]!);
        var (again, reason, _) = await http.CallAsync(HttpMethod.Post, $"/api/history/{history["entries"]![0]!["id"]}/undo");
        Assert.Equal((409, $"Person {john}, John Doe, is there again."), (again, (string?)reason["error"]));

        var ofFace = await http.OkAsync(HttpMethod.Get, $"/api/faces/{faces[1]}/history");
        Assert.Equal(["undo", "undo", "delete_person", "merge", "assign"], ofFace["entries"]!.AsArray().Select(entry => (string?)entry!["action"]));
        Assert.Equal(jane, (long)ofFace["entries"]![4]!["changes"]![0]!["after"]!["person_id"]!);
    }

    [Fact]
    public async Task What_other_dialects_enrol_and_remove_is_in_the_history_and_a_stranger_who_gets_a_name_is_one_no_more()
    {
        using var http = facecloud.Gallery("library-dialects");
        var emma = People.WithSeveralPhotos.First(person => person.Name == "Emma_Thompson").Photos;
        await http.PostedAsync("/analyze", "file", emma[0]);
        Assert.Equal(1, (int)(await http.SendAsync(HttpMethod.Get, "/stats")).Body["unknown_faces"]!);
        await http.PostedAsync("/register", "file", emma[1], ("person_name", "Emma"));
        Assert.Equal(0, (int)(await http.SendAsync(HttpMethod.Get, "/stats")).Body["unknown_faces"]!);
        await http.AddAsync("Emma", emma[2]);

        var person = (await http.OkAsync(HttpMethod.Get, "/api/people"))["people"]![0]!;
        Assert.Equal(2, (int)person["face_count"]!);
        Assert.StartsWith("/processed/faces/face_", (string?)person["cover"], StringComparison.Ordinal);
        var entries = (await http.OkAsync(HttpMethod.Get, $"/api/people/{person["id"]}/history"))["entries"]!.AsArray();
        Assert.Equal([("device", "enrol"), ("analytics", "enrol")], entries.Select(entry => ((string?)entry!["dialect"], (string?)entry["action"])));
        await http.OkAsync(HttpMethod.Post, "/v1/database/remove", new { name = "Emma" });
        Assert.Equal(404, (await http.CallAsync(HttpMethod.Get, $"/api/people/{person["id"]}/history")).Status);
    }

    /// <summary>The largest faces of so many photos, each of somebody else.</summary>
    private static async Task<long[]> FacesAsync(HttpClient http, int count)
    {
        var faces = new List<long>();
        foreach (var photo in Photos.Take(count))
        {
            faces.Add(await http.FaceAsync(photo));
        }

        return [.. faces];
    }

    private static async Task<int> CountAsync(HttpClient http, string query) =>
        (int)(await http.OkAsync(HttpMethod.Get, $"/api/faces/unidentified?{query}"))["totalCount"]!;

    private static async Task<string> EverybodyAsync(HttpClient http) => (await http.OkAsync(HttpMethod.Get, "/api/people")).ToJsonString();
}
