using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>What uploads leave in the store when they are cut off, how much memory they take, and that the store may be a server.</summary>
public sealed class PhotoStoreTests(ITestOutputHelper output)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_kill_during_an_upload_leaves_is_deleted_after_the_time_an_upload_may_take()
    {
        using var data = new DataFolder();
        JsonNode kept;
        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path))
        {
            kept = (await PhotosTests.UploadedAsync(facecloud.Http, ("kept.png", PhotosTests.Unique(1))))["photos"]![0]!;
            using var half = await BeginUploadAsync(facecloud, data);
            await facecloud.KillAsync();
        }

        // It is due when the time for an upload, ten minutes, is over: now.
        Assert.Equal(2, PhotosTests.Folders(data.Path).Count);
        Assert.Single(await PipelineFaultTests.AskAsync(
            data.Path,
            "UPDATE identity.file_removals SET due_at = now() WHERE due_at > now() AND due_at <= now() + interval '10 minutes' RETURNING key"));
        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path))
        {
            await Eventually.BecomesTrueAsync(() => Task.FromResult(PhotosTests.Folders(data.Path).Count == 1), "the sweep of files");
            var photo = Assert.Single(await PhotosTests.AllAsync(facecloud.Http))!;
            Assert.Equal((string?)kept["uuid"], (string?)photo["uuid"]);
            Assert.Equal(PhotosTests.Unique(1), await facecloud.Http.GetByteArrayAsync((string?)photo["media_url"], Cancel));
        }
    }

    [Fact]
    public async Task An_upload_that_takes_too_long_or_whose_client_goes_away_leaves_nothing()
    {
        using var data = new DataFolder();
        await using var facecloud = await FaceCloudProcess.StartAsync(data.Path, new Dictionary<string, string> { ["Files__UploadTimeout"] = "00:00:15" });
        using (var slow = await BeginUploadAsync(facecloud, data))
        {
            using var reader = new StreamReader(slow.GetStream(), Encoding.ASCII);
            Assert.Equal("HTTP/1.1 400 Bad Request", await reader.ReadLineAsync(Cancel));
            Assert.Empty(PhotosTests.Folders(data.Path));
        }

        using (await BeginUploadAsync(facecloud, data))
        {
        }

        await Eventually.BecomesTrueAsync(() => Task.FromResult(PhotosTests.Folders(data.Path).Count == 0), "the end of an upload whose client went away");
        Assert.Empty(await PhotosTests.AllAsync(facecloud.Http));
        Assert.DoesNotContain("fail:", facecloud.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Memory_does_not_grow_with_what_is_uploaded()
    {
        const int Files = 20, Length = 15 << 20;

        // A third of what is sent. Meanwhile the pipeline decodes what is there already, a file for each core in memory.
        const long Bound = 200L << 20;
        using var data = new DataFolder();
        await using var facecloud = await FaceCloudProcess.StartAsync(data.Path);
        using var process = Process.GetProcessById(facecloud.Pid);
        await PhotosTests.UploadAsync(facecloud.Http, "/api/photos?wait=true", [("warm.png", PhotosTests.Padded(PhotosTests.Unique(1), Length))]);
        process.Refresh();
        var before = process.WorkingSet64;

        // All in one request, and then many at once.
        await PhotosTests.UploadedAsync(facecloud.Http, [.. Enumerable.Range(2, Files).Select(File)]);
        await Task.WhenAll(Enumerable.Range(2 + Files, Files).Select(i => PhotosTests.UploadedAsync(facecloud.Http, File(i))));
        process.Refresh();
        output.WriteLine($"{2 * Files} files of 15 MB: {before >> 20} MB resident before, {process.WorkingSet64 >> 20} MB after.");
        Assert.InRange(process.WorkingSet64 - before, long.MinValue, Bound);
        Assert.Equal(1 + (2 * Files), PhotosTests.Folders(data.Path).Count);

        static (string, byte[]) File(int i) => ($"{i}.png", PhotosTests.Padded(PhotosTests.Unique(i), Length));
    }

    [Fact]
    public async Task Photos_may_lie_in_a_store_that_speaks_s3()
    {
        await using var s3 = await S3Server.StartAsync();
        using var data = new DataFolder();
        await using var facecloud = await FaceCloudProcess.StartAsync(
            data.Path, s3.Settings.ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value));
        var large = PhotosTests.Padded(PhotosTests.Unique(2), 12 << 20);
        var uploaded = await PhotosTests.UploadedAsync(
            facecloud.Http, ("small.png", PhotosTests.Unique(1)), ("large.png", large), ("small.png", PhotosTests.Unique(1)));
        Assert.Equal([false, false, true], uploaded["photos"]!.AsArray().Select(photo => (bool)photo!["duplicate"]!));
        Assert.Empty(PhotosTests.Folders(data.Path));

        var media = (string)(await facecloud.Http.SendAsync(HttpMethod.Get, $"/api/photos/{uploaded["photos"]![1]!["id"]}")).Body["media_url"]!;
        Assert.Equal(large, await facecloud.Http.GetByteArrayAsync(media, Cancel));
        using var middle = new HttpRequestMessage(HttpMethod.Get, media);
        middle.Headers.Range = new(9 << 20, (9 << 20) + 9);
        using var part = await facecloud.Http.SendAsync(middle, Cancel);
        Assert.Equal(206, (int)part.StatusCode);
        Assert.Equal(large[(9 << 20)..((9 << 20) + 10)], await part.Content.ReadAsByteArrayAsync(Cancel));

        Assert.Equal(400, (await PhotosTests.UploadAsync(facecloud.Http, "/api/photos", ("good.png", PhotosTests.Unique(3)), ("bad.png", [1, 2, 3]))).Status);
        Assert.Equal(200, (await facecloud.Http.SendAsync(HttpMethod.Delete, $"/api/photos/{uploaded["photos"]![1]!["id"]}")).Status);
        Assert.Equal(404, (await facecloud.Http.SendAsync(HttpMethod.Get, media)).Status);

        await s3.KillAsync();
        var (status, body) = await PhotosTests.UploadAsync(facecloud.Http, "/api/photos", ("good.png", PhotosTests.Unique(3)));
        Assert.Equal((503, "UNAVAILABLE"), (status, (string?)body["code"]));
        Assert.Single(await PhotosTests.AllAsync(facecloud.Http));
    }

    /// <summary>Sends a good part of an upload and leaves it there, once some of it is in the store.</summary>
    private static async Task<TcpClient> BeginUploadAsync(FaceCloudProcess facecloud, DataFolder data)
    {
        var before = PhotosTests.Folders(data.Path).Count;
        var client = new TcpClient();
        await client.ConnectAsync(facecloud.Http.BaseAddress!.Host, facecloud.Http.BaseAddress.Port, Cancel);
        byte[] start =
        [
            .. "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n"u8,
            .. PhotosTests.Padded(PhotosTests.Unique(99), 1 << 20)
        ];
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            "POST /api/photos HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                + $"Content-Length: {start.Length * 2}\r\n\r\n"), Cancel);
        await client.GetStream().WriteAsync(start, Cancel);
        await Eventually.BecomesTrueAsync(() => Task.FromResult(PhotosTests.Folders(data.Path).Count == before + 1), "the start of an upload");
        return client;
    }
}
