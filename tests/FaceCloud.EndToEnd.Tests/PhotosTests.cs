using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>The photos of the library as far as nobody has looked for faces in them: upload, list, files, albums, deletion.</summary>
public sealed class PhotosTests(RunningFaceCloud facecloud) : IClassFixture<RunningFaceCloud>
{
    private const int FileLimit = 20 << 20;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upload_answers_with_ids_and_the_photo_is_there_with_its_file()
    {
        using var http = facecloud.Gallery("upload");
        var bytes = await File.ReadAllBytesAsync(People.All[0].Photos[0], Cancel);
        var uploaded = await UploadedAsync(http, ("Anna & Bob.jpg", bytes));
        Assert.Equal(["photos", "job_id"], uploaded.AsObject().Select(field => field.Key));
        var sent = Assert.Single(uploaded["photos"]!.AsArray())!;
        Assert.Equal(["id", "uuid", "filename", "status", "duplicate"], sent.AsObject().Select(field => field.Key));
        Assert.Equal(("Anna & Bob.jpg", "queued", false), ((string?)sent["filename"], (string?)sent["status"], (bool)sent["duplicate"]!));

        foreach (var id in new[] { sent["id"]!.ToString(), (string)sent["uuid"]! })
        {
            var (status, photo) = await http.SendAsync(HttpMethod.Get, $"/api/photos/{id}");
            Assert.Equal(200, status);
            Assert.Equal(sent["id"]!.ToString(), photo["id"]!.ToString());
            Assert.Equal(bytes.Length, (int)photo["bytes"]!);
            Assert.Matches(@"\A/media/\d{4}/\d\d/\d+/Anna%20%26%20Bob.jpg\z", (string?)photo["media_url"]);
            Assert.NotNull(photo["faces"]);
            Assert.Equal(bytes, await http.GetByteArrayAsync((string?)photo["media_url"], Cancel));
        }
    }

    [Fact]
    public async Task A_file_is_served_with_what_a_cache_and_a_player_need()
    {
        using var http = facecloud.Gallery("media");
        var bytes = Unique(5000);
        var media = await MediaAsync(http, await UploadedAsync(http, ("a.png", bytes)));

        using var whole = await http.GetAsync(media, Cancel);
        Assert.Equal("image/png", whole.Content.Headers.ContentType!.ToString());
        Assert.Equal((true, TimeSpan.FromDays(365)), (whole.Headers.CacheControl!.Private, whole.Headers.CacheControl.MaxAge));
        Assert.Equal("immutable", Assert.Single(whole.Headers.CacheControl.Extensions).Name);
        Assert.Equal("nosniff", whole.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))}\"", whole.Headers.ETag!.Tag);
        Assert.NotNull(whole.Content.Headers.LastModified);

        using var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, media), Cancel);
        Assert.Equal((HttpStatusCode.OK, (long?)bytes.Length), (head.StatusCode, head.Content.Headers.ContentLength));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancel));

        using var part = await SendAsync(http, media, request => request.Headers.Range = new RangeHeaderValue(10, 19));
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(bytes[10..20], await part.Content.ReadAsByteArrayAsync(Cancel));
        using var end = await SendAsync(http, media, request => request.Headers.Range = new RangeHeaderValue(null, 7));
        Assert.Equal(bytes[^7..], await end.Content.ReadAsByteArrayAsync(Cancel));
        using var beyond = await SendAsync(http, media, request => request.Headers.Range = new RangeHeaderValue(bytes.Length, null));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
        Assert.Equal($"bytes */{bytes.Length}", beyond.Content.Headers.ContentRange!.ToString());

        using var known = await SendAsync(http, media, request => request.Headers.IfNoneMatch.Add(whole.Headers.ETag));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        using var unchanged = await SendAsync(http, media, request => request.Headers.IfModifiedSince = whole.Content.Headers.LastModified);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [Fact]
    public async Task Nothing_of_one_gallery_is_seen_from_another()
    {
        using var http = facecloud.Photographer("mine");
        using var other = facecloud.Photographer("theirs");
        var bytes = Unique(10);
        var uploaded = await UploadedAsync(http, ("a.png", bytes));
        var media = await MediaAsync(http, uploaded);
        var photo = uploaded["photos"]![0]!;
        var album = await AlbumAsync(http, "Mine");

        AssertFailure(404, "NOT_FOUND", await other.SendAsync(HttpMethod.Get, media));
        AssertFailure(404, "NOT_FOUND", await other.SendAsync(HttpMethod.Get, $"/api/photos/{photo["id"]}"));
        AssertFailure(404, "NOT_FOUND", await other.SendAsync(HttpMethod.Get, $"/api/photos/{photo["uuid"]}"));
        AssertFailure(404, "NOT_FOUND", await other.SendAsync(HttpMethod.Delete, $"/api/photos/{photo["id"]}"));
        AssertFailure(404, "NOT_FOUND", await UploadAsync(other, $"/api/photos?albumId={album}", ("a.png", Unique(11))));
        AssertDetail(404, await other.SendAsync(HttpMethod.Get, $"/api/v1/albums/{album}"));
        AssertDetail(404, await other.SendAsync(HttpMethod.Delete, $"/api/v1/albums/{album}"));
        AssertDetail(404, await other.SendAsync(HttpMethod.Get, $"/api/v1/jobs/{uploaded["job_id"]}"));
        Assert.Equal(0, (int)(await other.SendAsync(HttpMethod.Get, "/api/photos")).Body["totalCount"]!);

        // The same bytes are a photo of theirs, too.
        Assert.False((bool)(await UploadedAsync(other, ("a.png", bytes)))["photos"]![0]!["duplicate"]!);
    }

    [Theory]
    [InlineData("/media/2026/11/999999999/a.png")]
    [InlineData("/media/2026/11/a.png")]
    [InlineData("/media/../../etc/passwd")]
    [InlineData("/media/2026/11/1/..%2f..%2fpostgres.password")]
    [InlineData("/processed/faces/face_999999999.jpg")]
    [InlineData("/processed/faces/face_x.jpg")]
    [InlineData("/api/photos/999999999")]
    [InlineData("/api/photos/01a1f9ed-4af2-7981-b33b-27fcbb065aa1")]
    [InlineData("/api/photos/x")]
    [InlineData("/api/photos/99999999999999999999999999")]
    public async Task What_is_not_there_is_404(string path)
    {
        using var response = await facecloud.Http.GetAsync(path, Cancel);
        Assert.Equal(404, (int)response.StatusCode);
        Assert.NotEmpty((await response.Content.ReadAsStringAsync(Cancel)));
    }

    [Fact]
    public async Task A_file_under_another_name_than_its_own_is_404()
    {
        using var http = facecloud.Gallery("names");
        var media = await MediaAsync(http, await UploadedAsync(http, ("a.png", Unique(10))));
        AssertFailure(404, "NOT_FOUND", await http.SendAsync(HttpMethod.Get, media.Replace("a.png", "b.png", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_same_bytes_are_one_photo_within_a_request_and_after_it()
    {
        using var http = facecloud.Gallery("duplicates");
        var before = Folders(facecloud.Program.Data);
        var (one, two) = (Unique(20), Unique(21));
        var first = (await UploadedAsync(http, ("one.png", one), ("two.png", two), ("one again.png", one)))["photos"]!.AsArray();
        Assert.Equal([false, false, true], first.Select(photo => (bool)photo!["duplicate"]!));
        Assert.Equal((long)first[0]!["id"]!, (long)first[2]!["id"]!);
        Assert.Equal("one.png", (string?)first[2]!["filename"]);

        var again = (await UploadedAsync(http, ("two.png", two)))["photos"]![0]!;
        Assert.True((bool)again["duplicate"]!);
        Assert.Equal((long)first[1]!["id"]!, (long)again["id"]!);
        Assert.Equal(2, (int)(await http.SendAsync(HttpMethod.Get, "/api/photos")).Body["totalCount"]!);
        await AssertOnlyFilesOfAsync(http, 2, before);
    }

    [Fact]
    public async Task Twenty_uploads_of_the_same_photos_at_once_are_one_photo_each()
    {
        using var http = facecloud.Gallery("at-once");
        var before = Folders(facecloud.Program.Data);
        var photos = Enumerable.Range(30, 4).Select(i => ($"{i}.png", Unique(i))).ToArray();
        var random = new Random(1);
        var orders = Enumerable.Range(0, 20).Select(_ => photos.OrderBy(_ => random.Next()).ToArray()).ToList();
        var answers = await Task.WhenAll(orders.Select(order => UploadedAsync(http, order)));
        var sent = answers.SelectMany(answer => answer["photos"]!.AsArray()).ToList();
        Assert.Equal(80, sent.Count);
        Assert.Equal(4, sent.Select(photo => (long)photo!["id"]!).Distinct().Count());
        Assert.Equal(4, sent.Count(photo => !(bool)photo!["duplicate"]!));
        await AssertOnlyFilesOfAsync(http, 4, before);
    }

    [Theory]
    [InlineData("text", 400, "INVALID_IMAGE")]
    [InlineData("empty", 400, "INVALID_IMAGE")]
    [InlineData("heic", 400, "INVALID_IMAGE")]
    [InlineData("large", 413, "TOO_LARGE")]
    public async Task One_bad_file_refuses_the_request_and_nothing_of_it_is_stored(string bad, int status, string code)
    {
        using var http = facecloud.Gallery($"bad-{bad}");
        var before = Folders(facecloud.Program.Data);
        byte[] bytes = bad switch
        {
            "text" => [.. "This is no image, but a sentence."u8],
            "heic" => [0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0, .. "mif1heic"u8],
            "large" => [.. Unique(40), .. new byte[FileLimit]],
            _ => [],
        };
        var answer = await UploadAsync(http, "/api/photos", ("good.png", Unique(41)), ("bad.png", bytes), ("good too.png", Unique(42)));
        AssertFailure(status, code, answer);
        Assert.Equal((2, "bad.png"), ((int)answer.Body["details"]!["file"]!, (string?)answer.Body["details"]!["filename"]));
        await AssertOnlyFilesOfAsync(http, 0, before);

        // And the good ones are still new.
        Assert.All((await UploadedAsync(http, ("good.png", Unique(41))))["photos"]!.AsArray(), photo => Assert.False((bool)photo!["duplicate"]!));
        await AssertOnlyFilesOfAsync(http, 1, before);
    }

    [Fact]
    public async Task A_file_of_just_the_limit_is_taken_and_a_request_may_be_larger()
    {
        using var http = facecloud.Gallery("limit");
        var files = Enumerable.Range(50, 3).Select(i => ($"{i}.png", Padded(Unique(i), FileLimit))).ToArray();
        Assert.Equal(3, (await UploadedAsync(http, files))["photos"]!.AsArray().Count);
        Assert.All(await AllAsync(http), photo => Assert.Equal(FileLimit, (int)photo!["bytes"]!));
    }

    [Fact]
    public async Task What_is_no_form_with_files_is_refused()
    {
        using var http = facecloud.Gallery("no-form");
        using (var json = await http.PostAsJsonAsync("/api/photos", new { file = "x" }, Cancel))
        {
            AssertFailure(400, "INVALID_REQUEST", await ReadAsync(json));
        }

        using (var empty = await http.PostAsync("/api/photos", new MultipartFormDataContent { { new StringContent("1"), "x" } }, Cancel))
        {
            AssertFailure(400, "INVALID_REQUEST", await ReadAsync(empty));
        }

        using (var other = await http.PostAsync("/api/photos", new MultipartFormDataContent { { new ByteArrayContent(Unique(60)), "image", "a.png" } }, Cancel))
        {
            AssertFailure(400, "INVALID_REQUEST", await ReadAsync(other));
        }

        using (var cut = new ByteArrayContent([.. "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n"u8, .. Unique(60)]))
        {
            cut.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");
            using var response = await http.PostAsync("/api/photos", cut, Cancel);
            AssertFailure(400, "INVALID_REQUEST", await ReadAsync(response));
        }

        using (var wait = new MultipartFormDataContent { { new ByteArrayContent(Unique(60)), "file", "a.png" }, { new StringContent("perhaps"), "wait" } })
        {
            using var response = await http.PostAsync("/api/photos", wait, Cancel);
            AssertFailure(400, "INVALID_REQUEST", await ReadAsync(response));
        }

        Assert.Empty(await AllAsync(http));
    }

    // See BadInputTests: most clients send all before they read.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_sends_all_of_a_file_too_large_before_it_reads_gets_to_read_the_413(bool chunked)
    {
        const int Length = 60 << 20;
        using var client = new TcpClient();
        await client.ConnectAsync(facecloud.Http.BaseAddress!.Host, facecloud.Http.BaseAddress.Port, Cancel);
        await using var stream = client.GetStream();
        byte[] start = [.. "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n"u8, .. Unique(61)];
        var length = chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {start.Length + Length}";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /api/photos HTTP/1.1\r\nHost: localhost\r\nX-Gallery: sends-all\r\n"
                + $"Content-Type: multipart/form-data; boundary=b\r\n{length}\r\n\r\n"), Cancel);
        var piece = new byte[1 << 20];
        await stream.WriteAsync(Chunk(start), Cancel);
        for (var sent = 0; sent < Length; sent += piece.Length)
        {
            await stream.WriteAsync(Chunk(piece), Cancel);
        }

        await stream.WriteAsync(chunked ? "0\r\n\r\n"u8.ToArray() : [], Cancel);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        Assert.Equal("HTTP/1.1 413 Payload Too Large", await reader.ReadLineAsync(Cancel));

        byte[] Chunk(byte[] bytes) => chunked ? [.. Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"), .. bytes, .. "\r\n"u8] : bytes;
    }

    [Theory]
    [InlineData("C:\\photos\\a.png", "a.png")]
    [InlineData("../../etc/a.png", "a.png")]
    [InlineData("a\u0007b\u0085.png", "ab.png")]
    [InlineData("100% süß 写真 😀.png", "100% süß 写真 😀.png")]
    [InlineData("folder/", "photo.png")]
    [InlineData("..", "photo.png")]
    [InlineData("\u0001", "photo.png")]
    public async Task A_name_is_kept_without_folders_and_control_characters_and_is_never_a_path(string sent, string kept)
    {
        using var http = facecloud.Gallery("file-names");
        var bytes = Unique(70 + sent.Length);
        var uploaded = await UploadedAsync(http, (sent, bytes));
        Assert.Equal(kept, (string?)uploaded["photos"]![0]!["filename"]);
        Assert.Equal(bytes, await http.GetByteArrayAsync(await MediaAsync(http, uploaded), Cancel));
        await http.SendAsync(HttpMethod.Delete, $"/api/photos/{uploaded["photos"]![0]!["id"]}");
    }

    [Fact]
    public async Task A_long_name_is_cut()
    {
        using var http = facecloud.Gallery("long-names");
        var uploaded = await UploadedAsync(http, (new string('a', 254) + "😀" + ".png", Unique(90)));
        Assert.Equal(new string('a', 254), (string?)uploaded["photos"]![0]!["filename"]);
    }

    [Fact]
    public async Task The_list_is_paged_filtered_and_the_newest_first()
    {
        using var http = facecloud.Gallery("list");
        Assert.Equal("""{"photos":[],"count":0,"totalCount":0}""", (await http.SendAsync(HttpMethod.Get, "/api/photos")).Body.ToJsonString());
        var ids = new List<long>();
        for (var i = 0; i < 5; i++)
        {
            ids.Insert(0, (long)(await UploadedAsync(http, ($"{i}.png", Unique(100 + i))))["photos"]![0]!["id"]!);
        }

        var (_, page) = await http.SendAsync(HttpMethod.Get, "/api/photos?limit=2&offset=1");
        Assert.Equal((2, 5), ((int)page["count"]!, (int)page["totalCount"]!));
        Assert.Equal(ids[1..3], page["photos"]!.AsArray().Select(photo => (long)photo!["id"]!));
        Assert.All(page["photos"]!.AsArray(), photo => Assert.False(photo!.AsObject().ContainsKey("faces")));

        async Task<int> CountAsync(string status)
        {
            var (_, body) = await http.SendAsync(HttpMethod.Get, $"/api/photos?status={status}");
            Assert.All(body["photos"]!.AsArray(), photo => Assert.Equal(status, (string?)photo!["status"]));
            return (int)body["totalCount"]!;
        }

        await Eventually.BecomesTrueAsync(async () => await CountAsync("processed") == 5, "all five are processed");
        Assert.Equal((0, 0, 0), (await CountAsync("queued"), await CountAsync("processing"), await CountAsync("failed")));
        foreach (var wrong in new[] { "limit=0", "limit=1001", "offset=-1", "limit=x", "status=done" })
        {
            AssertFailure(400, "INVALID_REQUEST", await http.SendAsync(HttpMethod.Get, $"/api/photos?{wrong}"));
        }

        AssertFailure(404, "NOT_FOUND", await http.SendAsync(HttpMethod.Get, "/api/photos?albumId=999999999"));
    }

    [Fact]
    public async Task A_deleted_photo_is_gone_with_its_file_and_may_come_again()
    {
        using var http = facecloud.Gallery("delete");
        var before = Folders(facecloud.Program.Data);
        var bytes = Unique(110);
        var uploaded = await UploadedAsync(http, ("a.png", bytes), ("b.png", Unique(111)));
        var media = await MediaAsync(http, uploaded);
        var id = (long)uploaded["photos"]![0]!["id"]!;
        var (status, deleted) = await http.SendAsync(HttpMethod.Delete, $"/api/photos/{id}");
        Assert.Equal(200, status);
        Assert.Equal($$"""{"success":true,"message":"Photo deleted successfully","deletedPhotoId":{{id}}}""", deleted.ToJsonString());
        AssertFailure(404, "NOT_FOUND", await http.SendAsync(HttpMethod.Get, media));
        AssertFailure(404, "NOT_FOUND", await http.SendAsync(HttpMethod.Get, $"/api/photos/{id}"));
        var gone = await http.SendAsync(HttpMethod.Delete, $"/api/photos/{id}");
        AssertFailure(404, "NOT_FOUND", gone);
        Assert.Equal(id, (long)gone.Body["details"]!["photo_id"]!);
        await AssertOnlyFilesOfAsync(http, 1, before);

        var again = (await UploadedAsync(http, ("a.png", bytes)))["photos"]![0]!;
        Assert.False((bool)again["duplicate"]!);
        Assert.NotEqual(id, (long)again["id"]!);
    }

    [Fact]
    public async Task Albums_group_photos_and_their_deletion_keeps_them()
    {
        using var http = facecloud.Photographer("albums");
        using var created = await http.PostAsJsonAsync("/api/v1/albums", new { name = "Summer" }, Cancel);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var album = (await ReadAsync(created)).Body;
        Assert.Equal(["album_id", "id", "name", "photo_count", "created_at"], album.AsObject().Select(field => field.Key));
        Assert.Equal(created.Headers.Location!.ToString(), $"/api/v1/albums/{album["album_id"]}");

        // Named before the files, after them, in the address, and by the path; by number and by UUID.
        var (uuid, number) = ((string)album["album_id"]!, album["id"]!.ToString());
        await AcceptedAsync(http, "/api/photos", Form(("albumId", number), ("1.png", Unique(120))));
        await AcceptedAsync(http, "/api/photos", Form(("2.png", Unique(121)), ("albumId", uuid)));
        await AcceptedAsync(http, $"/api/photos?albumId={number}", Form(("3.png", Unique(122))));
        await AcceptedAsync(http, $"/api/v1/albums/{uuid}/photos", Form(("4.png", Unique(123))));
        await AcceptedAsync(http, "/api/photos", Form(("5.png", Unique(124))));

        // A photo that is there comes into the album when it is sent again.
        var known = await AcceptedAsync(http, $"/api/v1/albums/{number}/photos", Form(("5.png", Unique(124))));
        Assert.True((bool)known["photos"]![0]!["duplicate"]!);
        Assert.Equal(5, (int)(await http.SendAsync(HttpMethod.Get, $"/api/v1/albums/{uuid}")).Body["photo_count"]!);
        Assert.Equal(5, (int)(await http.SendAsync(HttpMethod.Get, $"/api/photos?albumId={uuid}")).Body["totalCount"]!);

        using var renamed = await http.PutAsJsonAsync($"/api/v1/albums/{uuid}", new { name = "Winter" }, Cancel);
        Assert.Equal("Winter", (string?)(await ReadAsync(renamed)).Body["name"]);
        var (_, list) = await http.SendAsync(HttpMethod.Get, "/api/v1/albums");
        Assert.Equal(("Winter", 5, 1), ((string?)list["albums"]![0]!["name"], (int)list["albums"]![0]!["photo_count"]!, (int)list["total_count"]!));

        Assert.Equal(200, (await http.SendAsync(HttpMethod.Delete, $"/api/v1/albums/{uuid}")).Status);
        AssertDetail(404, await http.SendAsync(HttpMethod.Get, $"/api/v1/albums/{uuid}"));
        var photos = await AllAsync(http);
        Assert.Equal(5, photos.Count);
        Assert.All(photos, photo => Assert.Null(photo!["album_id"]));
    }

    [Fact]
    public async Task Albums_refuse_what_they_cannot_take()
    {
        using var http = facecloud.Photographer("bad-albums");
        var before = Folders(facecloud.Program.Data);
        foreach (var name in new[] { null, "", " ", new string('a', 201), "a\nb" })
        {
            using var response = await http.PostAsJsonAsync("/api/v1/albums", new { name }, Cancel);
            AssertDetail(400, await ReadAsync(response));
        }

        var album = await AlbumAsync(http, "One");
        AssertDetail(422, await http.SendAsync(HttpMethod.Get, "/api/v1/albums?limit=0"));
        AssertDetail(404, await http.SendAsync(HttpMethod.Delete, "/api/v1/albums/x"));
        AssertDetail(404, await UploadAsync(http, "/api/v1/albums/x/photos", ("a.png", Unique(130))));
        AssertDetail(400, await UploadAsync(http, $"/api/v1/albums/{album}/photos", ("a.txt", [1, 2, 3])));
        AssertFailure(404, "NOT_FOUND", await UploadAsync(http, "/api/photos?albumId=x", ("a.png", Unique(130))));
        await AssertOnlyFilesOfAsync(http, 0, before);
    }

    [Fact]
    public async Task An_upload_is_a_job_that_says_how_far_it_is()
    {
        using var http = facecloud.Photographer("jobs");
        var uploaded = await UploadedAsync(http, ("1.png", Unique(140)), ("2.png", Unique(141)));
        var (status, job) = await http.SendAsync(HttpMethod.Get, $"/api/v1/jobs/{uploaded["job_id"]}");
        Assert.Equal(200, status);
        Assert.Equal(
            ["job_id", "kind", "status", "progress", "total", "succeeded", "failed", "message", "created_at", "started_at", "finished_at"],
            job.AsObject().Select(field => field.Key));
        Assert.Equal(("upload", 2), ((string?)job["kind"], (int)job["total"]!));
        Assert.Contains((string?)job["status"], new[] { "queued", "running", "succeeded" });

        // Nothing of this one is new.
        var again = await UploadedAsync(http, ("1.png", Unique(140)));
        Assert.Equal("succeeded", (string?)(await http.SendAsync(HttpMethod.Get, $"/api/v1/jobs/{again["job_id"]}")).Body["status"]);
        AssertDetail(404, await http.SendAsync(HttpMethod.Get, "/api/v1/jobs/01a1f9ed-4af2-7981-b33b-27fcbb065aa1"));
        AssertDetail(404, await http.SendAsync(HttpMethod.Get, "/api/v1/jobs/x"));
    }

    /// <summary>A PNG of a size that no other call with another number gives.</summary>
    internal static byte[] Unique(int number) => HandMade.Png(64 + number, 48);

    /// <summary>The same photo as a file of a given length; what follows a PNG's end is not looked at.</summary>
    internal static byte[] Padded(byte[] image, int length) => [.. image, .. new byte[length - image.Length]];

    internal static MultipartFormDataContent Form(params (string Name, object Value)[] parts)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, value) in parts)
        {
            if (value is string text)
            {
                form.Add(new StringContent(text), name);
                continue;
            }

            // As browsers and curl do it: the name in UTF-8 and quotes.
            var file = new ByteArrayContent((byte[])value);
            var escaped = name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            file.Headers.TryAddWithoutValidation(
                "Content-Disposition",
                $"form-data; name=\"file\"; filename=\"{escaped}\"; filename*=UTF-8''{Uri.EscapeDataString(name)}");
            form.Add(file);
        }

        return form;
    }

    internal static async Task<(int Status, JsonNode Body)> UploadAsync(HttpClient http, string path, params (string Name, byte[] Bytes)[] files)
    {
        using var form = Form([.. files.Select(file => (file.Name, (object)file.Bytes))]);
        using var response = await http.PostAsync(path, form, Cancel);
        return await ReadAsync(response);
    }

    internal static async Task<JsonNode> UploadedAsync(HttpClient http, params (string Name, byte[] Bytes)[] files)
    {
        var (status, body) = await UploadAsync(http, "/api/photos", files);
        Assert.True(status == 202, $"{status} {body}");
        return body;
    }

    internal static async Task<List<JsonNode?>> AllAsync(HttpClient http) =>
        [.. (await http.SendAsync(HttpMethod.Get, "/api/photos?limit=1000")).Body["photos"]!.AsArray()];

    /// <summary>The folders of photos in a data folder, by the photos' UUIDs.</summary>
    internal static HashSet<Guid> Folders(string data)
    {
        return [.. In(Path.Combine(data, "files", "photos")).SelectMany(In).Select(folder => Guid.Parse(Path.GetFileName(folder)))];

        // A folder goes with the last that was in it.
        static string[] In(string folder)
        {
            try
            {
                return Directory.GetDirectories(folder);
            }
            catch (DirectoryNotFoundException)
            {
                return [];
            }
        }
    }

    internal static HashSet<Guid> Uuids(IEnumerable<JsonNode?> photos) => [.. photos.Select(photo => Guid.Parse((string)photo!["uuid"]!))];

    /// <summary>A gallery has so many photos, and since it had none, nothing but their files has come into the store.</summary>
    private async Task AssertOnlyFilesOfAsync(HttpClient http, int count, HashSet<Guid> before)
    {
        var photos = await AllAsync(http);
        Assert.Equal(count, photos.Count);
        Assert.Equal(Uuids(photos).Order(), Folders(facecloud.Program.Data).Except(before).Order());
    }

    private static async Task<string> MediaAsync(HttpClient http, JsonNode uploaded) =>
        (string)(await http.SendAsync(HttpMethod.Get, $"/api/photos/{uploaded["photos"]![0]!["id"]}")).Body["media_url"]!;

    private static async Task<string> AlbumAsync(HttpClient http, string name)
    {
        using var response = await http.PostAsJsonAsync("/api/v1/albums", new { name }, Cancel);
        return (string)(await ReadAsync(response)).Body["album_id"]!;
    }

    private static async Task<JsonNode> AcceptedAsync(HttpClient http, string path, MultipartFormDataContent form)
    {
        using (form)
        {
            using var response = await http.PostAsync(path, form, Cancel);
            var (status, body) = await ReadAsync(response);
            Assert.True(status == 202, $"{status} {body}");
            return body;
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, string path, Action<HttpRequestMessage> change)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        change(request);
        return await http.SendAsync(request, Cancel);
    }

    private static async Task<(int Status, JsonNode Body)> ReadAsync(HttpResponseMessage response) =>
        ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!);

    private static void AssertFailure(int status, string code, (int Status, JsonNode Body) answer)
    {
        Assert.True(status == answer.Status, $"{answer.Status} instead of {status}: {answer.Body}");
        Assert.Equal(["error", "code", "details"], answer.Body.AsObject().Select(field => field.Key));
        Assert.Equal(code, (string?)answer.Body["code"]);
        Assert.Matches(@"\A[A-Z][^\r\n]{9,299}\z", (string)answer.Body["error"]!);
    }

    private static void AssertDetail(int status, (int Status, JsonNode Body) answer) => FormClient.AssertDetail(status, answer.Status, answer.Body);
}
