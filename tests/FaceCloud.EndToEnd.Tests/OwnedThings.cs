using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>An album of a photographer, with a photo and its faces, and the job that it came by.</summary>
/// <param name="Album">UUID.</param>
/// <param name="Job">UUID.</param>
/// <param name="Photo">As its upload answered it.</param>
/// <param name="Face">UUID of a face on it.</param>
internal sealed record OwnedThings(string Album, string Job, JsonNode Photo, Guid Face)
{
    public const string Gallery = "owned";

    public static async Task<OwnedThings> MakeAsync(Guarded facecloud)
    {
        using var http = new HttpClient { BaseAddress = facecloud.Http.BaseAddress, Timeout = facecloud.Http.Timeout };
        http.DefaultRequestHeaders.Add("X-Gallery", Gallery);
        http.DefaultRequestHeaders.Authorization = new("Bearer", new HandMadeToken { Role = "photographer" }.SignWith(facecloud.Secret));
        var album = (string)(await AnswerAsync(http, "/api/v1/albums", JsonContent.Create(new { name = "Wedding" })))["album_id"]!;
        var bytes = await File.ReadAllBytesAsync(People.SinglePhotos.First(), TestContext.Current.CancellationToken);
        using var form = new MultipartFormDataContent { { new StringContent("true"), "wait" }, { new ByteArrayContent(bytes), "file", "wedding.jpg" } };
        var uploaded = await AnswerAsync(http, $"/api/v1/albums/{album}/photos", form);
        return new OwnedThings(
            album, (string)uploaded["job_id"]!, uploaded["photos"]![0]!, (Guid)(await http.AssessedAsync(Guid.Parse(album)))[0]!["face_id"]!);
    }

    /// <summary>The path with the ids of these.</summary>
    public string PathOf(string path) =>
        path.StartsWith("/media/", StringComparison.Ordinal) ? (string)Photo["media_url"]!
        : path.StartsWith("/api/v1/albums/", StringComparison.Ordinal) ? path.Replace("{id}", Album, StringComparison.Ordinal)
        : path.StartsWith("/api/v1/faces/", StringComparison.Ordinal) ? path.Replace("{id}", Face.ToString(), StringComparison.Ordinal)
        : path.StartsWith("/api/v1/jobs/", StringComparison.Ordinal) ? path.Replace("{id}", Job, StringComparison.Ordinal)
        : path.StartsWith("/api/photos/", StringComparison.Ordinal) ? path.Replace("{id}", Number(Photo), StringComparison.Ordinal)
        : path.Replace("{id}", Number(Photo["faces"]![0]!), StringComparison.Ordinal)
            .Replace("{faceId}", Number(Photo["faces"]![0]!), StringComparison.Ordinal);

    private static string Number(JsonNode thing) => ((long)thing["id"]!).ToString(CultureInfo.InvariantCulture);

    private static async Task<JsonNode> AnswerAsync(HttpClient http, string path, HttpContent content)
    {
        using var response = await http.PostAsync(path, content, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!;
    }
}
