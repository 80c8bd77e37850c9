using System.Text.Json.Nodes;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>The quality dialect's assessments as its clients ask for them.</summary>
internal static class QualityClient
{
    /// <summary>How often somebody may ask for the faces of albums again and again: 50 times a minute are allowed.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1.5);

    public static async Task<Guid> AlbumAsync(this HttpClient http)
    {
        var (status, body, _) = await http.CallAsync(HttpMethod.Post, "/api/v1/albums", new { name = "Party" });
        Assert.True(status == 201, $"{status} {body}");
        return (Guid)body["album_id"]!;
    }

    /// <summary>Uploads photos into an album and waits until they are processed.</summary>
    public static async Task UploadAsync(this HttpClient http, Guid album, params string[] photos)
    {
        foreach (var photo in photos)
        {
            var (status, body, _) = await http.PostPhotoAsync(
                $"/api/v1/albums/{album}/photos?wait=true", "file", await File.ReadAllBytesAsync(photo, TestContext.Current.CancellationToken));
            Assert.True(status == 200 && (string?)body["photos"]![0]!["status"] == "processed", $"{status} {body}");
        }
    }

    /// <summary>All faces of an album, the worst first.</summary>
    public static async Task<JsonArray> AssessedAsync(this HttpClient http, Guid album) =>
        (await http.OkAsync(HttpMethod.Get, $"/api/v1/albums/{album}/faces/low-quality?min_overall_quality=1&limit=500")).AsArray();

    /// <summary>Waits until each of so many photos of an album has an assessed face.</summary>
    public static Task UntilAssessedAsync(this HttpClient http, Guid album, int photos) => Eventually.BecomesTrueAsync(
        async () => (await http.AssessedAsync(album)).DistinctBy(face => (string?)face!["photo_id"]).Count() == photos,
        $"{photos} photos have an assessed face",
        Look);
}
