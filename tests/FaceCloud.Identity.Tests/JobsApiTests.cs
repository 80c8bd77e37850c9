using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using FaceCloud.Contracts.Faces;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Jobs;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Tests;

/// <summary>Reprocessing and jobs over HTTP, as the contract prints them.</summary>
public sealed class JobsApiTests(RunningApi api) : IClassFixture<RunningApi>
{
    private readonly string _gallery = Guid.NewGuid().ToString("n");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private HttpClient Anna => api.Client(_gallery, "anna", "photographer");

    private HttpClient Ben => api.Client(_gallery, "ben", "photographer");

    private HttpClient Admin => api.Client(_gallery, "root", "admin");

    [Fact]
    public async Task A_face_is_reprocessed_by_a_job_in_the_printed_form()
    {
        var face = (await api.PhotoAsync(_gallery, await RunningApi.AlbumAsync(Anna), new NewFace(), new NewFace()))[1];
        using var response = await Anna.PostAsync(new Uri($"/api/v1/faces/{face.Uuid}/reprocess", UriKind.Relative), null, Cancel);
        var answer = (await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!;
        var url = $"/api/v1/jobs/{answer["job_id"]}";
        Assert.Equal((202, url), ((int)response.StatusCode, response.Headers.Location!.ToString()));
        Assert.Equal(
            $$"""{"message":"Face reprocessing started","job_id":"{{answer["job_id"]}}","face_ids":["{{face.Uuid}}"],"status_url":"{{url}}"}""",
            answer.ToJsonString());

        var job = await OkAsync(Anna, HttpMethod.Get, url);
        Assert.Equal(
            $$"""{"job_id":"{{answer["job_id"]}}","kind":"reprocess","status":"queued","progress":0,"total":1,"succeeded":0,"failed":0"""
                + $$""","message":"0 of 1 photos reprocessed, 0 failed","created_at":"{{job["created_at"]}}","started_at":null,"finished_at":null}""",
            job.ToJsonString());
    }

    [Fact]
    public async Task Of_an_album_the_photos_with_faces_of_low_quality_are_reprocessed_or_all()
    {
        var album = await RunningApi.AlbumAsync(Anna);
        foreach (var scores in (float[][])[[0.2f, 0.3f], [0.5f, 0.6f], [0.9f, 0.9f], [0.9f, 0.2f]])
        {
            // Their overall quality is 0.4 times this, and 0.3.
            foreach (var (face, blur) in (await api.PhotoAsync(
                _gallery, album, new NewFace { Confidence = 0.5f }, new NewFace { Confidence = 0.5f })).Zip(scores))
            {
                await SqlAsync($"UPDATE identity.faces SET blur_score = {blur}, brightness_score = 0.5, exposure_score = 0.5 WHERE id = {face.Id}");
            }
        }

        await api.PhotoAsync(_gallery, album);
        await api.PhotoAsync(_gallery, null, new NewFace());
        foreach (var (body, photos) in ((string?, string)[])
            [
                (null, "2 photos"), ("{}", "2 photos"), ("""{"min_quality":0.6}""", "3 photos"),
                ("""{"min_quality":0.4}""", "2 photos"), ("""{"min_quality":0}""", "0 photos"),
                ("""{"force_all":true}""", "5 photos"), ("""{"min_quality":0.51,"force_all":false}""", "3 photos"),
                ("""{"min_quality":0.1,"force_all":true}""", "5 photos"),
            ])
        {
            var (status, answer) = await SendAsync(Anna, HttpMethod.Post, $"/api/v1/albums/{album}/faces/reprocess", body);
            Assert.Equal(
                (
                    202,
                    $$"""{"message":"Album reprocessing started for {{photos}}","job_id":"{{answer["job_id"]}}","status_url":"/api/v1/jobs/"""
                        + $$"""{{answer["job_id"]}}"}"""),
                (status, answer.ToJsonString()));
            Assert.Equal(photos.Split(' ')[0], (await OkAsync(Anna, HttpMethod.Get, $"/api/v1/jobs/{answer["job_id"]}"))["total"]!.ToString());
        }

        // One that has not been assessed yet may be of any quality.
        await SqlAsync($"UPDATE identity.faces SET blur_score = NULL WHERE blur_score = 0.9::real");
        var unsure = (await SendAsync(Anna, HttpMethod.Post, $"/api/v1/albums/{album}/faces/reprocess", null)).Body;
        Assert.Equal("Album reprocessing started for 3 photos", (string?)unsure["message"]);
    }

    [Fact]
    public async Task A_job_without_photos_has_succeeded()
    {
        var album = await RunningApi.AlbumAsync(Anna);
        var answer = (await SendAsync(Anna, HttpMethod.Post, $"/api/v1/albums/{album}/faces/reprocess", null)).Body;
        var job = await OkAsync(Anna, HttpMethod.Get, $"/api/v1/jobs/{answer["job_id"]}");
        Assert.Equal(("succeeded", 100, 0), ((string?)job["status"], (int)job["progress"]!, (int)job["total"]!));
        Assert.NotNull(job["finished_at"]);
    }

    [Theory]
    [InlineData("""{"min_quality":1.5}""", 422)]
    [InlineData("""{"min_quality":-0.1}""", 422)]
    [InlineData("""{"min_quality":"low"}""", 400)]
    [InlineData("""{"force_all":1}""", 400)]
    [InlineData("""{"min_quality":""", 400)]
    [InlineData("[]", 400)]
    public async Task What_is_not_valid_begins_nothing(string body, int expected)
    {
        var album = await RunningApi.AlbumAsync(Anna);
        await api.PhotoAsync(_gallery, album, new NewFace());
        var (status, answer) = await SendAsync(Anna, HttpMethod.Post, $"/api/v1/albums/{album}/faces/reprocess", body);
        Assert.Equal((expected, "detail"), (status, Assert.Single(answer.AsObject()).Key));
        Assert.Equal(0, (int)(await OkAsync(Anna, HttpMethod.Get, "/api/v1/jobs"))["total_count"]!);
    }

    [Fact]
    public async Task Only_owners_and_admins_reprocess_and_see_jobs()
    {
        var album = await RunningApi.AlbumAsync(Anna);
        var face = (await api.PhotoAsync(_gallery, album, new NewFace()))[0];
        var free = (await api.PhotoAsync(_gallery, null, new NewFace()))[0];
        var job = (await SendAsync(Anna, HttpMethod.Post, $"/api/v1/faces/{face.Uuid}/reprocess", null)).Body["job_id"];
        var elsewhere = api.Client("elsewhere", "anna", "photographer");
        foreach (var (method, path, success) in ((HttpMethod, string, int)[])
            [
                (HttpMethod.Post, $"/api/v1/faces/{face.Uuid}/reprocess", 202), (HttpMethod.Post, $"/api/v1/albums/{album}/faces/reprocess", 202),
                (HttpMethod.Get, $"/api/v1/jobs/{job}", 200), (HttpMethod.Delete, $"/api/v1/jobs/{job}", 200),
            ])
        {
            var unknown = path.Replace($"{face.Uuid}", $"{Guid.NewGuid()}", StringComparison.Ordinal)
                .Replace($"{album}", $"{Guid.NewGuid()}", StringComparison.Ordinal).Replace($"{job}", $"{Guid.NewGuid()}", StringComparison.Ordinal);
            var (status, answer) = await SendAsync(Ben, method, path, null);
            Assert.Equal((403, """{"detail":"Access denied"}"""), (status, answer.ToJsonString()));
            Assert.Equal(404, (await SendAsync(Ben, method, unknown, null)).Status);
            Assert.Equal(404, (await SendAsync(Admin, method, unknown, null)).Status);
            Assert.Equal(404, (await SendAsync(elsewhere, method, path, null)).Status);
            Assert.Equal(404, (await SendAsync(Anna, method, unknown[..^5] + "xyz", null)).Status);
            Assert.Equal(success, (await SendAsync(Admin, method, path, null)).Status);
        }

        Assert.Equal(403, (await SendAsync(Anna, HttpMethod.Post, $"/api/v1/faces/{free.Uuid}/reprocess", null)).Status);
        Assert.Equal(202, (await SendAsync(Admin, HttpMethod.Post, $"/api/v1/faces/{free.Uuid}/reprocess", null)).Status);
    }

    [Fact]
    public async Task The_list_holds_the_caller_s_jobs_the_newest_first()
    {
        var mine = await RunningApi.AlbumAsync(Anna);
        var his = await RunningApi.AlbumAsync(Ben);
        var jobs = new List<string>();
        foreach (var (who, album) in new[] { (Anna, mine), (Ben, his), (Anna, mine) })
        {
            jobs.Add((string)(await SendAsync(who, HttpMethod.Post, $"/api/v1/albums/{album}/faces/reprocess", null)).Body["job_id"]!);
        }

        foreach (var (who, path, listed, total) in ((HttpClient, string, string[], int)[])
            [
                (Anna, "", [jobs[2], jobs[0]], 2), (Anna, "?limit=1", [jobs[2]], 2), (Anna, "?limit=1&offset=1", [jobs[0]], 2), (Anna, "?offset=2", [], 2),
                (Ben, "", [jobs[1]], 1), (Admin, "", [jobs[2], jobs[1], jobs[0]], 3),
            ])
        {
            var list = await OkAsync(who, HttpMethod.Get, $"/api/v1/jobs{path}");
            Assert.Equal(listed, list["jobs"]!.AsArray().Select(job => (string)job!["job_id"]!));
            Assert.Equal((listed.Length, total), ((int)list["count"]!, (int)list["total_count"]!));
        }

        foreach (var path in new[] { "?limit=0", "?limit=101", "?offset=-1" })
        {
            Assert.Equal(422, (await SendAsync(Anna, HttpMethod.Get, $"/api/v1/jobs{path}", null)).Status);
        }
    }

    [Fact]
    public async Task A_cancelled_job_says_so_and_cannot_be_cancelled_again()
    {
        var face = (await api.PhotoAsync(_gallery, await RunningApi.AlbumAsync(Anna), new NewFace()))[0];
        var job = $"/api/v1/jobs/{(await SendAsync(Anna, HttpMethod.Post, $"/api/v1/faces/{face.Uuid}/reprocess", null)).Body["job_id"]}";
        var cancelled = await OkAsync(Anna, HttpMethod.Delete, job);
        Assert.Equal(("cancelled", "0 of 1 photos reprocessed, 0 failed, 1 cancelled"), ((string?)cancelled["status"], (string?)cancelled["message"]));
        Assert.Equal(cancelled.ToJsonString(), (await OkAsync(Anna, HttpMethod.Get, job)).ToJsonString());
        var (status, answer) = await SendAsync(Anna, HttpMethod.Delete, job, null);
        Assert.Equal((409, """{"detail":"The job has ended already."}"""), (status, answer.ToJsonString()));
    }

    [Fact]
    public async Task Jobs_that_ended_longer_ago_than_they_are_kept_go_and_no_others()
    {
        async Task<Guid> BeganAsync(int days, int ended, JobItemStatus status, bool cancelled = false)
        {
            var face = (await api.PhotoAsync(_gallery, await RunningApi.AlbumAsync(Anna), new NewFace()))[0];
            var job = (Guid)(await SendAsync(Anna, HttpMethod.Post, $"/api/v1/faces/{face.Uuid}/reprocess", null)).Body["job_id"]!;
            await api.AskAsync((IdentityDb db) => db.Database.ExecuteSqlAsync(
                $"""
                 WITH job AS (
                     UPDATE identity.jobs SET created_at = now() - make_interval(days => {days}),
                         cancelled_at = CASE WHEN {cancelled} THEN now() - make_interval(days => {ended}) END
                     WHERE id = {job})
                 UPDATE identity.job_items SET status = {(int)status}, changed_at = now() - make_interval(days => {ended}) WHERE job_id = {job}
                 """,
                Cancel));
            return job;
        }

        await BeganAsync(40, 31, JobItemStatus.Done);
        await BeganAsync(40, 31, JobItemStatus.Cancelled, cancelled: true);
        Guid[] kept =
        [
            await BeganAsync(40, 31, JobItemStatus.Waiting), await BeganAsync(40, 29, JobItemStatus.Done),
            await BeganAsync(40, 29, JobItemStatus.Cancelled, cancelled: true), await BeganAsync(0, 0, JobItemStatus.Done),
        ];
        await api.AskAsync((IdentityDb db) => JobSweep.ForgetAsync(db, TimeSpan.FromDays(30), Cancel));
        Assert.Equal(kept.Order(), (await OkAsync(Anna, HttpMethod.Get, "/api/v1/jobs"))["jobs"]!.AsArray().Select(job => (Guid)job!["job_id"]!).Order());
    }

    [Fact]
    public async Task A_face_whose_photo_was_not_kept_is_refused()
    {
        var uuid = Guid.CreateVersion7();
        await api.AskAsync(async (IdentityDb db) =>
        {
            db.Faces.Add(new Face
            {
                Uuid = uuid, GalleryId = await db.GalleryIdAsync(_gallery, Cancel), Box = new FaceBox(1, 2, 3, 4), Landmarks = new float[10], Detector = "test",
            });
            return await db.SaveChangesAsync(Cancel);
        });
        var (status, answer) = await SendAsync(Admin, HttpMethod.Post, $"/api/v1/faces/{uuid}/reprocess", null);
        Assert.Equal(409, status);
        Assert.StartsWith("The photo of this face was not kept", (string?)answer["detail"], StringComparison.Ordinal);
    }

    private Task<int> SqlAsync(FormattableString sql) => api.AskAsync((IdentityDb db) => db.Database.ExecuteSqlAsync(sql, Cancel));

    private static async Task<JsonNode> OkAsync(HttpClient http, HttpMethod method, string path)
    {
        var (status, body) = await SendAsync(http, method, path, null);
        Assert.True(status == 200, $"{status} {body}");
        return body;
    }

    private static async Task<(int Status, JsonNode Body)> SendAsync(HttpClient http, HttpMethod method, string path, string? json)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        using var response = await http.SendAsync(request, Cancel);
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!);
    }
}
