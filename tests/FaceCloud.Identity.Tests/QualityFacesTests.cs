using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FaceCloud.Files;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Photos;
using FaceCloud.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FaceCloud.Identity.Tests;

/// <summary>The quality dialect's calls about many faces: what they find, of whom, and what they refuse.</summary>
public sealed class QualityFacesTests(RunningApi api) : IClassFixture<RunningApi>
{
    private readonly string _gallery = Guid.NewGuid().ToString("n");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private HttpClient Anna => api.Client(_gallery, "anna", "photographer");

    private HttpClient Ben => api.Client(_gallery, "ben", "photographer");

    private HttpClient Viewer => api.Client(_gallery, "vera", "viewer");

    private HttpClient Admin => api.Client(_gallery, "root", "admin");

    [Fact]
    public async Task Each_criterion_of_a_filter_leaves_out_what_does_not_meet_it()
    {
        var (summer, winter) = (await RunningApi.AlbumAsync(Anna), await RunningApi.AlbumAsync(Anna));
        var (eve, adam) = (await api.PersonAsync(_gallery, "Eve"), await api.PersonAsync(_gallery, "Adam"));
        var faces = new Dictionary<string, Guid>
        {
            ["sharp"] = await FaceAsync(summer, new NewFace { PersonId = eve.Id, BlurScore = 0.9f, BrightnessScore = 0.5f, CreatedAt = At(1) }),
            ["dark"] = await FaceAsync(summer, new NewFace { PersonId = adam.Id, BlurScore = 0.4f, BrightnessScore = 0.1f, CreatedAt = At(2) }),
            ["unsure"] = await FaceAsync(winter, new NewFace { Confidence = 0.5f, CreatedAt = At(3) }),
            ["alone"] = await FaceAsync(null, new NewFace { BlurScore = 0.7f, BrightnessScore = 0.7f, CreatedAt = At(4) }),
        };
        await FaceAsync(summer, new NewFace { Mark = FaceMark.Invalid });
        var enrolled = await api.EnrolledAsync(_gallery, adam.Id);
        foreach (var (criteria, expected) in ((string, string)[])[
            ("", "sharp dark unsure alone enrolled"),
            ($"""  "album_ids": ["{summer}"] """, "sharp dark"),
            ($"""  "album_ids": ["{summer}", "{winter}"] """, "sharp dark unsure"),
            ("""  "album_ids": [] """, "sharp dark unsure alone enrolled"),
            ($"""  "album_ids": ["{Guid.NewGuid()}"] """, ""),
            ($"""  "person_ids": ["{eve.Uuid}"] """, "sharp"),
            ($"""  "person_ids": ["{eve.Uuid}", "{adam.Uuid}"] """, "sharp dark enrolled"),
            ("""  "min_confidence": 0.9 """, "sharp dark alone enrolled"),
            ("""  "max_confidence": 0.5 """, "unsure"),
            ("""  "min_confidence": 0.2, "max_confidence": 0.9 """, "sharp dark unsure alone enrolled"),
            ("""  "min_blur_score": 0.7 """, "sharp alone"),
            ("""  "min_brightness_score": 0.5 """, "sharp alone"),
            ("""  "unlabeled_only": true """, "unsure alone"),
            ("""  "unlabeled_only": false """, "sharp dark unsure alone enrolled"),
            ("""  "has_thumbnail": true """, "sharp dark unsure alone"),
            ("""  "has_thumbnail": false """, "enrolled"),
            ("""  "created_after": "2024-01-03T00:00:00Z" """, "unsure alone enrolled"),
            ("""  "created_after": "2024-01-03" """, "unsure alone enrolled"),
            ("""  "created_after": "2024-01-03T02:00:00+02:00" """, "unsure alone enrolled"),
            ("""  "created_before": "2024-01-02T00:00:00Z" """, "sharp dark"),
            ("""  "created_after": "2024-01-02T00:00:00", "created_before": "2024-01-03T00:00:00.5Z", "unlabeled_only": true """, "unsure"),
            ("""  "created_before": "9999-12-31T23:59:59.999Z" """, "sharp dark unsure alone enrolled")])
        {
            var found = (await FilterAsync(Admin, $"{{{criteria}}}")).Faces.Select(face => (Guid)face!["face_id"]!).ToHashSet();
            var wanted = expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => name == "enrolled" ? enrolled : faces[name]).ToHashSet();
            Assert.True(
                wanted.SetEquals(found),
                $"{criteria} finds {string.Join(' ', found.Select(id => faces.SingleOrDefault(face => face.Value == id).Key ?? "another"))}.");
        }
    }

    [Fact]
    public async Task A_filter_answers_the_printed_example_with_faces_that_have_all_their_fields()
    {
        var album = await RunningApi.AlbumAsync(Anna);
        var person = await api.PersonAsync(_gallery, "John Doe");
        await FaceAsync(album, new NewFace { PersonId = person.Id, BlurScore = 0.85f, BrightnessScore = 0.75f, Confidence = 0.92f, CreatedAt = At(1) });
        var (faces, total, next) = await FilterAsync(Anna, $$"""
            {
              "album_ids": ["{{album}}"],
              "person_ids": ["{{person.Uuid}}"],
              "min_confidence": 0.7,
              "max_confidence": 1.0,
              "min_blur_score": 0.5,
              "min_brightness_score": 0.4,
              "unlabeled_only": false,
              "has_thumbnail": true,
              "created_after": "2024-01-01T00:00:00Z",
              "created_before": "2024-12-31T23:59:59Z",
              "limit": 100
            }
            """);
        Assert.Equal((1, null), (total, next));
        var face = Assert.Single(faces)!.AsObject();
        Assert.Equal(
            [
                "face_id", "photo_id", "album_id", "person_id", "person_name", "bbox", "confidence", "blur_score",
                "brightness_score", "overall_quality", "quality_grade", "age", "gender", "thumbnail_url", "created_at"
            ],
            face.Select(field => field.Key));
        Assert.Equal(album, (Guid)face["album_id"]!);
        Assert.Equal((person.Uuid, "John Doe"), ((Guid)face["person_id"]!, (string?)face["person_name"]));
        Assert.Equal("""{"x":10,"y":20,"width":30,"height":40}""", face["bbox"]!.ToJsonString());
        Assert.Equal(
            (0.92, 0.85, 0.75, 0.824, "B"),
            ((double)face["confidence"]!, (double)face["blur_score"]!, (double)face["brightness_score"]!,
                (double)face["overall_quality"]!, (string?)face["quality_grade"]));
        Assert.Equal((30, "female", "2024-01-01T00:00:00Z"), ((int)face["age"]!, (string?)face["gender"], (string?)face["created_at"]));
        using var http = new HttpClient();
        Assert.Equal(RunningApi.Crop((Guid)face["face_id"]!), await http.GetByteArrayAsync(new Uri((string)face["thumbnail_url"]!), Cancel));
    }

    [Fact]
    public async Task Pages_show_each_face_once_though_others_come_and_go()
    {
        var album = await RunningApi.AlbumAsync(Anna);
        var faces = await api.PhotoAsync(_gallery, album, [.. Enumerable.Range(0, 25).Select(_ => new NewFace { HasCrop = false })]);
        var gone = faces.Where((_, i) => i % 5 == 0).ToList();
        var seen = new List<Guid>();
        string? cursor = null;
        var pages = 0;
        do
        {
            var (page, total, next) = await FilterAsync(
                Anna,
                $$"""{"min_confidence": 0.5, "limit": {{4 + (pages % 3)}}, "cursor": {{(cursor is null ? "null" : $"\"{cursor}\"")}}}""");
            Assert.Equal(await api.AskAsync((IdentityDb db) => db.Faces.CountAsync(face => face.GalleryId == faces[0].GalleryId, Cancel)), total);
            seen.AddRange(page.Select(face => (Guid)face!["face_id"]!));
            cursor = next;
            await api.PhotoAsync(_gallery, album, new NewFace { HasCrop = false });
            if (gone.Count > 0)
            {
                var id = gone[^1].Id;
                gone.RemoveAt(gone.Count - 1);
                await api.AskAsync((IdentityDb db) => db.Faces.Where(face => face.Id == id).ExecuteDeleteAsync(Cancel));
            }

            Assert.True(++pages < 20);
        }
        while (cursor is not null);

        Assert.Equal(seen.Count, seen.Distinct().Count());
        var stayed = faces.Where((_, i) => i % 5 != 0).Select(face => face.Uuid);
        Assert.Empty(stayed.Except(seen));
        Assert.Equal(seen, seen.OrderByDescending(id => Array.FindIndex(faces, face => face.Uuid == id)));
    }

    [Fact]
    public async Task Calls_refuse_what_is_out_of_range_with_422_and_what_is_malformed_with_400()
    {
        await api.PhotoAsync(_gallery, await RunningApi.AlbumAsync(Anna), new NewFace { HasCrop = false }, new NewFace { HasCrop = false });
        var cursor = (await FilterAsync(Anna, """{"limit":1}""")).Next!;
        foreach (var (body, status) in ((string, int)[])[
            ("""{"limit":0}""", 422), ("""{"limit":1001}""", 422), ("""{"min_confidence":1.1}""", 422), ("""{"max_confidence":-0.1}""", 422),
            ("""{"min_blur_score":2}""", 422), ("""{"min_brightness_score":-1}""", 422), ("""{"min_confidence":0.8,"max_confidence":0.7}""", 422),
            ("""{"created_after":"2024-02-01","created_before":"2024-01-01"}""", 422),
            ($$"""{"album_ids":[{{string.Join(',', Enumerable.Repeat($"\"{Guid.Empty}\"", 1001))}}]}""", 422),
            ("""{"album_ids":["uuid1"]}""", 400), ("""{"person_ids":"x"}""", 400), ("""{"album_ids":[null]}""", 400),
            ("""{"limit":"5"}""", 400), ("""{"limit":1.5}""", 400),
            ("""{"created_after":"yesterday"}""", 400), ("""{"created_before":"01/02/2024"}""", 400),
            ("""{"unlabeled_only":"yes"}""", 400), ("[]", 400), ("{", 400), ("", 400),
            ("""{"cursor":"x"}""", 400), ("""{"cursor":""}""", 400), ($$"""{"limit":1,"cursor":"{{cursor[..^1]}}{{(cursor[^1] == 'A' ? 'B' : 'A')}}"}""", 400),
            ($$"""{"limit":1,"cursor":"B{{cursor[1..]}}"}""", 400), ($$"""{"unlabeled_only":true,"cursor":"{{cursor}}"}""", 400)])
        {
            await RefusedAsync(status, Anna, HttpMethod.Post, "/api/v1/faces/filter", body);
        }

        await RefusedAsync(400, Ben, HttpMethod.Post, "/api/v1/faces/filter", $$"""{"cursor":"{{cursor}}"}""");
        Assert.Single((await FilterAsync(Anna, $$"""{"limit":5,"cursor":"{{cursor}}"}""")).Faces);
        await RefusedAsync(400, Anna, HttpMethod.Post, "/api/v1/faces/filter", """{"created_after":"yesterday"}""", "Invalid date format");

        foreach (var (query, status) in ((string, int)[])[
            ("duplicates?threshold=0.79", 422), ("duplicates?threshold=1", 422), ("duplicates?threshold=NaN", 422), ("duplicates?threshold=high", 400),
            ("duplicates?limit=0", 422), ("duplicates?limit=201", 422), ("duplicates?limit=x", 400), ("duplicates?album_id=x", 400),
            ($"duplicates?album_id={Guid.NewGuid()}", 404),
            ("outliers?threshold=0.29", 422), ("outliers?threshold=0.81", 422),
            ("outliers?limit=0", 422), ("outliers?limit=201", 422), ("outliers?limit=1.5", 400),
            ("outliers?person_id=x", 400), ($"outliers?person_id={Guid.NewGuid()}", 404)])
        {
            await RefusedAsync(status, Anna, HttpMethod.Get, $"/api/v1/faces/{query}");
        }

        foreach (var (body, status) in ((string, int)[])[
            ("""{"face_ids":[]}""", 422), ($$"""{"face_ids":[{{string.Join(',', Enumerable.Repeat($"\"{Guid.Empty}\"", 501))}}]}""", 422),
            ("{}", 400), ("""{"face_ids":null}""", 400), ("""{"face_ids":["uuid1"]}""", 400), ("""{"face_ids":[null]}""", 400), ("[]", 400)])
        {
            await RefusedAsync(status, Anna, HttpMethod.Post, "/api/v1/faces/batch-delete", body);
        }
    }

    [Fact]
    public async Task Everybody_but_an_admin_finds_and_deletes_only_what_lies_in_albums_of_their_own()
    {
        var (hers, his) = (await RunningApi.AlbumAsync(Anna), await RunningApi.AlbumAsync(Ben));
        var person = await api.PersonAsync(_gallery, "Eve");
        var random = new Random(1);
        var (face, odd) = (LikeFaces.Anybody(random), LikeFaces.Anybody(random));
        NewFace Like(float[] vector) => new() { PersonId = person.Id, Vector = LikeFaces.Like(vector, 0.99, random) };
        var anna = new List<Guid>();
        var ben = new List<Guid>();
        for (var i = 0; i < 2; i++)
        {
            anna.Add(await FaceAsync(hers, Like(face)));
            ben.Add(await FaceAsync(his, Like(face)));
        }

        ben.Add(await FaceAsync(his, Like(odd)));
        var nobodys = await FaceAsync(null, Like(face));
        foreach (var (who, faces, pairs, outliers) in ((HttpClient, int, int, int)[])[(Anna, 2, 1, 0), (Ben, 3, 1, 1), (Viewer, 0, 0, 0), (Admin, 6, 10, 1)])
        {
            Assert.Equal(faces, (await FilterAsync(who, "{}")).Total);
            Assert.Equal(pairs, (await DuplicatesAsync(who)).Count);
            Assert.Equal(outliers, (await OutliersAsync(who, "?threshold=0.3")).Count);
            Assert.Equal(outliers, (await OutliersAsync(who, $"?threshold=0.3&person_id={person.Uuid}")).Count);
        }

        Assert.Empty((await FilterAsync(Anna, $$"""{"album_ids":["{{his}}"]}""")).Faces);
        await RefusedAsync(403, Anna, HttpMethod.Get, $"/api/v1/faces/duplicates?album_id={his}", detail: "Access denied");
        Assert.Single(await DuplicatesAsync(Anna, $"?album_id={hers}"));
        Assert.Single(await DuplicatesAsync(Admin, $"?album_id={his}"));

        var answer = await DeleteAsync(Anna, [anna[0], ben[0], nobodys, Guid.NewGuid(), anna[0]]);
        Assert.Equal(
            $$"""{"message":"Faces deleted successfully","deleted_count":1,"deleted_thumbnails":1,"face_ids":["{{anna[0]}}"]}""",
            answer.ToJsonString());
        Assert.Equal(0, (int)(await DeleteAsync(Anna, [ben[0], nobodys]))["deleted_count"]!);
        Assert.Equal(5, (await FilterAsync(Admin, "{}")).Total);
        Assert.Equal(5, (int)(await DeleteAsync(Admin, [.. ben, nobodys, anna[1]]))["deleted_count"]!);
        Assert.Equal(0, (await FilterAsync(Admin, "{}")).Total);
    }

    [Fact]
    public async Task A_batch_deletion_takes_rows_vectors_crops_and_what_the_ledger_said_and_says_that_in_one_entry()
    {
        var album = await RunningApi.AlbumAsync(Anna);
        var faces = await api.PhotoAsync(_gallery, album, new NewFace(), new NewFace(), new NewFace());
        var person = await api.PersonAsync(_gallery, "Eve");
        using var assigned = await Anna.PostAsJsonAsync("/api/faces/assign", new { faceId = faces[0].Id, personId = person.Id }, Cancel);
        assigned.EnsureSuccessStatusCode();

        var answer = await DeleteAsync(Anna, [faces[1].Uuid, faces[0].Uuid]);
        Assert.Equal((2, 2), ((int)answer["deleted_count"]!, (int)answer["deleted_thumbnails"]!));
        Assert.Equal([faces[1].Uuid, faces[0].Uuid], answer["face_ids"]!.AsArray().Select(id => (Guid)id!));
        Assert.Equal([faces[2].Uuid], (await FilterAsync(Anna, "{}")).Faces.Select(face => (Guid)face!["face_id"]!));
        Assert.Equal([(faces[0].Uuid, false), (faces[1].Uuid, false), (faces[2].Uuid, true)], await CropsAsync(faces));
        await api.AskAsync(async (IdentityDb db) =>
        {
            Assert.Equal(1, await db.Embeddings.CountAsync(
                embedding => db.Faces.Any(face => face.Id == embedding.FaceId && face.GalleryId == faces[0].GalleryId), Cancel));
            var entry = await db.Ledger.Include(entry => entry.Changes).OrderBy(entry => entry.Id)
                .LastAsync(entry => entry.GalleryId == faces[0].GalleryId, Cancel);
            Assert.Equal(("anna", "quality", LedgerAction.DeleteFace), (entry.Actor, entry.Dialect, entry.Action));
            Assert.Equal([faces[0].Id, faces[1].Id], entry.Changes.Select(change => change.FaceId).OfType<long>().Order());
            return 0;
        });
    }

    [Fact]
    public async Task Kept_thumbnails_stay_with_their_photo()
    {
        var faces = await api.PhotoAsync(_gallery, await RunningApi.AlbumAsync(Anna), new NewFace(), new NewFace());
        var answer = await DeleteAsync(Anna, [faces[0].Uuid], """ "delete_thumbnails": false, """);
        Assert.Equal((1, 0), ((int)answer["deleted_count"]!, (int)answer["deleted_thumbnails"]!));
        Assert.Equal([(faces[0].Uuid, true), (faces[1].Uuid, true)], await CropsAsync(faces));
        using var deleted = await Anna.DeleteAsync(new Uri($"/api/photos/{faces[0].PhotoId}", UriKind.Relative), Cancel);
        deleted.EnsureSuccessStatusCode();
        Assert.Equal([(faces[0].Uuid, false), (faces[1].Uuid, false)], await CropsAsync(faces));
    }

    [Fact]
    public async Task A_batch_deletion_that_is_killed_midway_deletes_nothing()
    {
        var faces = await api.PhotoAsync(_gallery, await RunningApi.AlbumAsync(Anna), [.. Enumerable.Range(0, 5).Select(_ => new NewFace())]);
        Guid[] ids = [.. faces.Select(face => face.Uuid)];
        await api.AskAsync(async (IdentityDb db) =>
        {
            // Holds it up after its first deletions: at the photo's note of a crop that somebody else is writing.
            await using var transaction = await db.Database.BeginTransactionAsync(Cancel);
            var photo = await db.Photos.Where(photo => photo.Id == faces[0].PhotoId).Select(photo => photo.Uuid).SingleAsync(Cancel);
            var note = PhotoFiles.Crop(photo, 3);
            await db.Database.ExecuteSqlAsync($"INSERT INTO identity.file_removals (key, due_at) VALUES ({note}, 'infinity')", Cancel);
            var deletion = Anna.PostAsJsonAsync("/api/v1/faces/batch-delete", new { face_ids = ids }, Cancel);
            await Eventually.BecomesTrueAsync(
                () => api.AskAsync(async (IdentityDb other) => (await other.Database.SqlQuery<int>(
                    $"""
                     WITH held AS MATERIALIZED (
                         SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%file_removals%'
                     )
                     SELECT count(*)::int AS "Value" FROM held WHERE pg_terminate_backend(pid)
                     """).ToListAsync(Cancel))[0] > 0),
                "the deletion is under way, and its connection ends");
            using var answer = await deletion;
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            await transaction.RollbackAsync(Cancel);
            return 0;
        });
        Assert.Equal(5, (await FilterAsync(Anna, "{}")).Total);
        Assert.All(await CropsAsync(faces), crop => Assert.True(crop.IsThere));
        Assert.Equal((5, 5), ((int)(await DeleteAsync(Anna, ids))["deleted_count"]!, (await CropsAsync(faces)).Count(crop => !crop.IsThere)));
    }

    internal static async Task<List<JsonObject>> DuplicatesAsync(HttpClient http, string query = "") =>
        [.. (await http.GetFromJsonAsync<JsonArray>($"/api/v1/faces/duplicates{query}", Cancel))!.Select(pair => pair!.AsObject())];

    internal static async Task<List<JsonObject>> OutliersAsync(HttpClient http, string query = "") =>
        [.. (await http.GetFromJsonAsync<JsonArray>($"/api/v1/faces/outliers{query}", Cancel))!.Select(face => face!.AsObject())];

    private static async Task<(JsonArray Faces, int Total, string? Next)> FilterAsync(HttpClient http, string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri("/api/v1/faces/filter", UriKind.Relative), content, Cancel);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        return (
            (await answer.Content.ReadFromJsonAsync<JsonArray>(Cancel))!,
            int.Parse(Assert.Single(answer.Headers.GetValues("X-Total-Count")), CultureInfo.InvariantCulture),
            answer.Headers.TryGetValues("X-Next-Cursor", out var next) ? Assert.Single(next) : null);
    }

    private static async Task<JsonNode> DeleteAsync(HttpClient http, Guid[] faces, string more = "")
    {
        using var content = new StringContent(
            $$"""{ {{more}} "face_ids": [{{string.Join(',', faces.Select(face => $"\"{face}\""))}}] }""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri("/api/v1/faces/batch-delete", UriKind.Relative), content, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(Cancel))!;
    }

    private static async Task RefusedAsync(int status, HttpClient http, HttpMethod method, string path, string? body = null, string? detail = null)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json")
        };
        using var answer = await http.SendAsync(request, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(status == (int)answer.StatusCode, $"{path} {body?[..Math.Min(100, body.Length)]}: {(int)answer.StatusCode} {text}");
        var (name, sentence) = Assert.Single(JsonNode.Parse(text)!.AsObject());
        Assert.Equal("detail", name);
        Assert.True(detail is null ? sentence!.GetValue<string>().Length > 0 : sentence!.GetValue<string>() == detail, text);
    }

    private static DateTime At(int day) => new(2024, 1, day, 0, 0, 0, DateTimeKind.Utc);

    private async Task<Guid> FaceAsync(Guid? album, NewFace face) => (await api.PhotoAsync(_gallery, album, face))[0].Uuid;

    private Task<List<(Guid Face, bool IsThere)>> CropsAsync(Face[] faces) => api.AskAsync(async (IServiceProvider services) =>
    {
        var keys = new List<string>();
        await foreach (var key in services.GetRequiredService<IFileStore>().ListAsync("photos/", Cancel))
        {
            keys.Add(key);
        }

        return faces.Select(face => (face.Uuid, keys.Contains(api.KeyOf(face)))).ToList();
    });
}
