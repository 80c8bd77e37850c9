using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Photos;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FaceCloud.Identity.Tests;

/// <summary>Who sees and changes whose albums, photos, faces and jobs.</summary>
public sealed class OwnershipTests(RunningApi api) : IClassFixture<RunningApi>
{
    private readonly string _gallery = Guid.NewGuid().ToString("n");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private HttpClient Anna => api.Client(_gallery, "anna", "photographer");

    private HttpClient Ben => api.Client(_gallery, "ben", "photographer");

    private HttpClient Viewer => api.Client(_gallery, "vera", "viewer");

    private HttpClient Admin => api.Client(_gallery, "root", "admin");

    private HttpClient Anonymous => api.Client(_gallery);

    [Fact]
    public async Task An_album_is_its_maker_s_and_the_admins()
    {
        var album = await RunningApi.AlbumAsync(Anna);
        var nobodys = await RunningApi.AlbumAsync(Anonymous);
        foreach (var (who, hers, unowned, listed) in ((HttpClient, int, int, int)[])[
            (Anna, 200, 403, 1), (Ben, 403, 403, 0), (Viewer, 403, 403, 0), (Admin, 200, 200, 2)])
        {
            Assert.Equal(hers, await StatusAsync(who, HttpMethod.Get, $"/api/v1/albums/{album}"));
            Assert.Equal(unowned, await StatusAsync(who, HttpMethod.Get, $"/api/v1/albums/{nobodys}"));
            Assert.Equal(404, await StatusAsync(who, HttpMethod.Get, $"/api/v1/albums/{Guid.NewGuid()}"));
            var list = await who.GetFromJsonAsync<JsonNode>("/api/v1/albums", Cancel);
            Assert.Equal((listed, listed), ((int)list!["total_count"]!, list["albums"]!.AsArray().Count));
        }

        Assert.Equal(403, await StatusAsync(Ben, HttpMethod.Put, $"/api/v1/albums/{album}", JsonContent.Create(new { name = "Mine" })));
        Assert.Equal(403, await StatusAsync(Ben, HttpMethod.Post, $"/api/v1/albums/{album}/photos", Upload(1)));
        Assert.Equal(403, await StatusAsync(Ben, HttpMethod.Delete, $"/api/v1/albums/{album}"));
        Assert.Equal(
            """{"detail":"Access denied"}""",
            await (await Ben.GetAsync(new Uri($"/api/v1/albums/{album}", UriKind.Relative), Cancel)).Content.ReadAsStringAsync(Cancel));
        Assert.Equal(200, await StatusAsync(Admin, HttpMethod.Delete, $"/api/v1/albums/{album}"));
    }

    [Fact]
    public async Task In_the_library_s_one_view_of_the_gallery_photos_in_an_album_of_others_are_closed()
    {
        var album = await RunningApi.AlbumAsync(Anna);
        var closed = await UploadedAsync(Anna, 1, album);
        var open = await UploadedAsync(Anna, 2, null);
        var face = (await api.PhotoAsync(_gallery, album, new NewFace()))[0];
        var shown = (await api.PhotoAsync(_gallery, null, new NewFace()))[0];
        var media = (string)(await Anna.GetFromJsonAsync<JsonNode>($"/api/photos/{closed}", Cancel))!["media_url"]!;

        // Of the four photos of the gallery.
        foreach (var (who, status, photos) in ((HttpClient, int, int)[])[(Anna, 200, 4), (Ben, 403, 2), (Viewer, 403, 2), (Admin, 200, 4), (Anonymous, 200, 4)])
        {
            Assert.Equal(status, await StatusAsync(who, HttpMethod.Get, $"/api/photos/{closed}"));
            Assert.Equal(status, await StatusAsync(who, HttpMethod.Get, $"/api/photos?albumId={album}"));
            Assert.Equal(status, await StatusAsync(who, HttpMethod.Get, media));
            Assert.Equal(status, await StatusAsync(who, HttpMethod.Get, $"/processed/faces/face_{face.Id}.jpg"));
            Assert.Equal(200, await StatusAsync(who, HttpMethod.Get, $"/api/photos/{open}"));
            Assert.Equal(200, await StatusAsync(who, HttpMethod.Get, $"/processed/faces/face_{shown.Id}.jpg"));
            Assert.Equal(404, await StatusAsync(who, HttpMethod.Get, "/api/photos/999999999"));
            Assert.Equal(photos, (int)(await who.GetFromJsonAsync<JsonNode>("/api/photos", Cancel))!["totalCount"]!);
        }

        Assert.Equal(403, await StatusAsync(Ben, HttpMethod.Delete, $"/api/photos/{closed}"));
        Assert.Equal(403, await StatusAsync(Ben, HttpMethod.Delete, $"/api/faces/{face.Id}"));
        Assert.Equal(403, await StatusAsync(Ben, HttpMethod.Post, $"/api/photos?albumId={album}", Upload(3)));
        Assert.Equal(200, await StatusAsync(Ben, HttpMethod.Delete, $"/api/faces/{shown.Id}"));
        Assert.Equal(200, await StatusAsync(Anna, HttpMethod.Delete, $"/api/faces/{face.Id}"));
    }

    [Fact]
    public async Task Sending_the_same_bytes_draws_no_photo_out_of_an_album_of_somebody_else()
    {
        var album = await RunningApi.AlbumAsync(Anna);
        var photo = await UploadedAsync(Anna, 1, album);
        var his = await RunningApi.AlbumAsync(Ben);

        Assert.Equal(403, await StatusAsync(Ben, HttpMethod.Post, $"/api/v1/albums/{his}/photos", Upload(1)));
        Assert.Equal(403, await StatusAsync(Ben, HttpMethod.Post, "/api/photos?wait=true", Upload(1)));
        Assert.Equal(photo, await UploadedAsync(Anna, 1, null));
        Assert.Equal(1, (int)(await Anna.GetFromJsonAsync<JsonNode>($"/api/v1/albums/{album}", Cancel))!["photo_count"]!);
        Assert.Equal(0, await api.AskAsync((IdentityDb db) => db.FileRemovals.CountAsync(Cancel)));
    }

    [Fact]
    public async Task A_job_is_seen_by_whom_asked_for_it()
    {
        using var answer = await Anna.PostAsync(new Uri("/api/photos", UriKind.Relative), Upload(1), Cancel);
        var job = (string)(await answer.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["job_id"]!;
        using var unasked = await Anonymous.PostAsync(new Uri("/api/photos", UriKind.Relative), Upload(2), Cancel);
        var nobodys = (string)(await unasked.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["job_id"]!;
        foreach (var (who, hers, unowned) in ((HttpClient, int, int)[])[(Anna, 200, 403), (Ben, 403, 403), (Viewer, 403, 403), (Admin, 200, 200)])
        {
            Assert.Equal(hers, await StatusAsync(who, HttpMethod.Get, $"/api/v1/jobs/{job}"));
            Assert.Equal(unowned, await StatusAsync(who, HttpMethod.Get, $"/api/v1/jobs/{nobodys}"));
            Assert.Equal(404, await StatusAsync(who, HttpMethod.Get, $"/api/v1/jobs/{Guid.NewGuid()}"));
        }
    }

    [Fact]
    public async Task A_link_to_a_thumbnail_needs_no_token_and_ends_after_an_hour()
    {
        var face = (await api.PhotoAsync(_gallery, null, new NewFace()))[0];
        var link = new Uri(await LinkAsync(face));
        using var http = new HttpClient();
        using var answer = await http.GetAsync(link, Cancel);
        Assert.Equal(RunningApi.Crop(face.Uuid), await answer.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal("image/jpeg", answer.Content.Headers.ContentType!.MediaType);
        Assert.InRange(answer.Headers.CacheControl!.MaxAge!.Value.TotalMinutes, 59, 60);

        var other = (await api.PhotoAsync(_gallery, null, new NewFace()))[0];
        var text = link.AbsoluteUri;
        var expires = System.Web.HttpUtility.ParseQueryString(link.Query)["expires"]!;
        foreach (var forged in (string[])[
            text.Replace(face.Uuid.ToString(), other.Uuid.ToString(), StringComparison.Ordinal),
            text.Replace(expires, $"{expires}0", StringComparison.Ordinal),
            text[..^1],
            text[..^1] + (text[^1] == 'A' ? 'E' : 'A'),
            text[..(text.IndexOf("&signature", StringComparison.Ordinal))],
            link.GetLeftPart(UriPartial.Path)])
        {
            using var refused = await http.GetAsync(new Uri(forged), Cancel);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        api.Clock.Ahead += TimeSpan.FromMinutes(59);
        Assert.Equal(200, await StatusAsync(http, HttpMethod.Get, text));
        api.Clock.Ahead += TimeSpan.FromMinutes(2);
        Assert.Equal(403, await StatusAsync(http, HttpMethod.Get, text));
    }

    [Fact]
    public async Task A_link_names_the_outermost_address()
    {
        var face = (await api.PhotoAsync(_gallery, null, new NewFace()))[0];
        Assert.StartsWith(
            "https://faces.example/processed/thumbnails/",
            await LinkAsync(face, ("https, http", "faces.example, gateway:8000")),
            StringComparison.Ordinal);
        Assert.StartsWith("http://here:8000/", await LinkAsync(face, ("ftp", "a/b")), StringComparison.Ordinal);
    }

    private Task<string> LinkAsync(Face face, (string Scheme, string Host)? forwarded = null) => api.AskAsync(async (IServiceProvider services) =>
    {
        var http = new DefaultHttpContext();
        (http.Request.Scheme, http.Request.Host) = ("http", forwarded is null ? new HostString(Anonymous.BaseAddress!.Authority) : new HostString("here:8000"));
        if (forwarded is { } proxy)
        {
            http.Request.Headers["X-Forwarded-Proto"] = proxy.Scheme;
            http.Request.Headers["X-Forwarded-Host"] = proxy.Host;
        }

        var photo = await services.GetRequiredService<IdentityDb>().Photos.SingleAsync(photo => photo.Id == face.PhotoId, Cancel);
        return services.GetRequiredService<ThumbnailUrls>().Of(http.Request, face.Uuid, PhotoFiles.Crop(photo.Uuid, face.Ordinal!.Value))!;
    });

    private static async Task<int> StatusAsync(HttpClient http, HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await http.SendAsync(request, Cancel);
        return (int)response.StatusCode;
    }

    private static async Task<long> UploadedAsync(HttpClient http, int number, Guid? album)
    {
        using var response = await http.PostAsync(
            new Uri($"/api/photos{(album is null ? "" : $"?albumId={album}")}", UriKind.Relative), Upload(number), Cancel);
        response.EnsureSuccessStatusCode();
        return (long)(await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["photos"]![0]!["id"]!;
    }

    /// <summary>A file that begins as a JPEG does; nobody looks further.</summary>
    private static MultipartFormDataContent Upload(int number) =>
        new() { { new ByteArrayContent([0xFF, 0xD8, 0xFF, 0xE0, 0, 16, .. "JFIF\0"u8, 1, (byte)number, .. new byte[100]]), "file", "a.jpg" } };
}
