using System.Text.Json.Nodes;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>Photos whose faces have been found: what an upload that waits answers, and what a deletion takes.</summary>
public sealed class PhotosProcessedTests(RunningFaceCloud facecloud) : IClassFixture<RunningFaceCloud>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upload_that_waits_answers_with_the_faces_and_their_crops()
    {
        using var http = facecloud.Gallery("processed");
        var bytes = await File.ReadAllBytesAsync(People.All[0].Photos[0], Cancel);
        foreach (var (path, wait) in new[] { ("/api/photos?wait=true", (string?)null), ("/api/photos", "true") })
        {
            var answer = await WaitedAsync(http, path, wait, bytes);
            var photo = Assert.Single(answer["photos"]!.AsArray())!;
            Assert.Equal("processed", (string?)photo["status"]);
            Assert.Null(photo["reason"]);
            Assert.NotNull(photo["width"]);
            var face = photo["faces"]![0]!;
            Assert.Equal(
                ["id", "bbox", "detection_confidence", "age", "gender", "face_image_path", "face_url", "person"], face.AsObject().Select(field => field.Key));
            Assert.Equal(["x", "y", "width", "height"], face["bbox"]!.AsObject().Select(field => field.Key));
            Assert.Equal($"/processed/faces/face_{face["id"]}.jpg", (string?)face["face_image_path"]);
            Assert.Null(face["person"]);

            using var crop = await http.GetAsync((string?)face["face_url"], Cancel);
            Assert.Equal("image/jpeg", crop.Content.Headers.ContentType!.ToString());
            Assert.NotNull(crop.Headers.ETag);
            Assert.Equal([0xFF, 0xD8], (await crop.Content.ReadAsByteArrayAsync(Cancel))[..2]);
            using var elsewhere = facecloud.Gallery("processed-not");
            Assert.Equal(404, (await elsewhere.SendAsync(HttpMethod.Get, (string)face["face_url"]!)).Status);
        }
    }

    [Fact]
    public async Task A_photo_without_a_face_is_processed_and_one_that_does_not_decode_fails_with_its_reason_and_is_tried_again()
    {
        using var http = facecloud.Photographer("failed");
        var none = await WaitedAsync(http, "/api/photos", "true", PhotosTests.Unique(1));
        Assert.Equal("processed", (string?)none["photos"]![0]!["status"]);
        Assert.Empty(none["photos"]![0]!["faces"]!.AsArray());

        var half = (await File.ReadAllBytesAsync(People.All[0].Photos[0], Cancel))[..2000];
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var answer = await WaitedAsync(http, "/api/photos", "true", half);
            var photo = answer["photos"]![0]!;
            Assert.Equal(("failed", attempt > 0), ((string?)photo["status"], (bool)photo["duplicate"]!));
            Assert.NotNull((string?)photo["reason"]);
            var (_, job) = await http.SendAsync(HttpMethod.Get, $"/api/v1/jobs/{answer["job_id"]}");
            Assert.Equal(("failed", 1, 1), ((string?)job["status"], (int)job["total"]!, (int)job["failed"]!));
        }
    }

    [Fact]
    public async Task A_deleted_photo_takes_its_faces_and_crops_along()
    {
        using var http = facecloud.Gallery("processed-deleted");
        var before = PhotosTests.Folders(facecloud.Program.Data);
        var answer = await WaitedAsync(http, "/api/photos", "true", await File.ReadAllBytesAsync(People.All[1].Photos[0], Cancel));
        var photo = answer["photos"]![0]!;
        var crop = (string)photo["faces"]![0]!["face_url"]!;
        Assert.Equal(200, (await http.SendAsync(HttpMethod.Get, "/api/faces/unidentified")).Status);
        Assert.Equal(200, (await http.SendAsync(HttpMethod.Delete, $"/api/photos/{photo["uuid"]}")).Status);
        Assert.Equal(404, (await http.SendAsync(HttpMethod.Get, crop)).Status);
        Assert.Empty(PhotosTests.Folders(facecloud.Program.Data).Except(before));
        Assert.Equal(0, (int)(await http.SendAsync(HttpMethod.Get, "/api/faces/unidentified")).Body["totalCount"]!);
    }

    private static async Task<JsonNode> WaitedAsync(HttpClient http, string path, string? wait, byte[] photo)
    {
        using var form = PhotosTests.Form([("photo.jpg", photo), .. wait is null ? Array.Empty<(string, object)>() : [("wait", wait)]]);
        using var response = await http.PostAsync(path, form, Cancel);
        var body = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True((int)response.StatusCode == 200, $"{(int)response.StatusCode} {body}");
        return JsonNode.Parse(body)!;
    }
}
