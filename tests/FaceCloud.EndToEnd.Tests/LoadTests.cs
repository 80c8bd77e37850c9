using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>
/// Many clients at once: more work than there is room for is refused politely, and what is answered is answered as if there were nobody else.
/// </summary>
public sealed class LoadTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Sixteen_clients_for_a_minute_get_the_answers_of_one_client_alone_or_503()
    {
        const int Clients = 16;
        using var data = new DataFolder();
        await using var facecloud = await FaceCloudProcess.StartAsync(data.Path);
        foreach (var (name, photos) in People.WithSeveralPhotos.Take(12))
        {
            await facecloud.Http.AddAsync(name, photos[0]);
        }

        var photosOfAll = People.WithSeveralPhotos.Take(16).Select(person => person.Photos[1])
            .Concat(Directory.GetFiles(TestFiles.Photo("groups"), "*.jpg").Order(StringComparer.Ordinal).Where((_, i) => i % 10 == 0))
            .Concat([TestFiles.Photo("hard", "no_face.png"), TestFiles.Photo("rotated", "rot_90.jpg")]);
        var calls = photosOfAll.SelectMany(photo => new[] { "/v1/detect", "/v1/embed", "/v1/recognize" }.Select(path => new Call(path, Body(photo)))).ToList();
        var alone = new Dictionary<Call, (HttpStatusCode, string)>();
        foreach (var call in calls)
        {
            alone[call] = await AnswerAsync(facecloud.Http, call);
        }

        var (answered, refused) = (0, 0);
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var random = new Random(client);
            while (clock.Elapsed < Minute)
            {
                var call = calls[random.Next(calls.Count)];
                var answer = await AnswerAsync(facecloud.Http, call);
                if (answer.Status == HttpStatusCode.ServiceUnavailable)
                {
                    Interlocked.Increment(ref refused);
                }
                else
                {
                    Assert.Equal(alone[call], answer);
                    Interlocked.Increment(ref answered);
                }
            }
        })));

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Clients} clients, {clock.Elapsed.TotalSeconds:F0} s: {answered} answered as to one client alone, "
                + $"{refused} refused (503), {answered / clock.Elapsed.TotalSeconds:F1} requests a second."));
        Assert.True(answered > 0);
        Assert.DoesNotContain("fail:", facecloud.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flood_beyond_the_queues_is_refused_with_503_and_leaves_nothing_behind()
    {
        const int Flood = 150;
        using var data = new DataFolder();
        await using var facecloud = await FaceCloudProcess.StartAsync(
            data.Path, new Dictionary<string, string> { ["Models__Cores"] = "2", ["Models__QueuePerCore"] = "3" });
        var call = new Call("/v1/recognize", Body(TestFiles.Photo("groups", "0_Parade_Parade_0_125.jpg")));
        var alone = await AnswerAsync(facecloud.Http, call);
        Assert.Equal(HttpStatusCode.OK, alone.Status);
        for (var wave = 0; wave < 2; wave++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, Flood).Select(_ => AnswerAsync(facecloud.Http, call)));
            var refused = answers.Count(answer => answer.Status == HttpStatusCode.ServiceUnavailable);
            output.WriteLine($"{Flood} requests at once, room for 8: {Flood - refused} answered, {refused} refused (503).");
            Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.ServiceUnavailable), answer => Assert.Equal(alone, answer));

            // As many as there is room for are answered; how many more depends on how fast the flood comes in.
            Assert.InRange(refused, 1, Flood - 8);
            Assert.Equal(alone, await AnswerAsync(facecloud.Http, call));
        }
    }

    [Fact]
    public async Task The_work_of_clients_that_went_away_is_not_done()
    {
        const int Room = 1 + 10;
        using var data = new DataFolder();
        await using var facecloud = await FaceCloudProcess.StartAsync(data.Path, new Dictionary<string, string> { ["Models__Cores"] = "1" });
        using var process = Process.GetProcessById(facecloud.Pid);
        var small = new Call("/v1/detect", Body(People.All[0].Photos[0]));

        // 81 megapixels: a second or so to decode.
        var large = new Call("/v1/detect", JsonSerializer.SerializeToUtf8Bytes(new { image = Convert.ToBase64String(HandMade.Png(9_000, 9_000)) }));
        Assert.Equal(HttpStatusCode.OK, (await AnswerAsync(facecloud.Http, large)).Status);
        var before = Used();
        Assert.Equal(HttpStatusCode.OK, (await AnswerAsync(facecloud.Http, large)).Status);
        var one = Used() - before;

        // Twice as many as there is room for: when half have an answer, nearly all of them a 503, the others are all in.
        using var goingAway = new CancellationTokenSource();
        var sent = Enumerable.Range(0, 2 * Room).Select(_ => facecloud.Http.SendAsync(Request(large), goingAway.Token)).ToArray();
        var abandoned = sent.ToList();
        while (abandoned.Count > Room)
        {
            abandoned.Remove(await Task.WhenAny(abandoned));
        }

        before = Used();
        await goingAway.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(sent));
        await Eventually.BecomesTrueAsync(async () => (await AnswerAsync(facecloud.Http, small)).Status == HttpStatusCode.OK, "there is room again");
        var spent = Used() - before;

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"One large image takes {one.TotalSeconds:F2} s of processor; "
                + $"after {abandoned.Count(task => task.IsCanceled)} of {Room} were abandoned, {spent.TotalSeconds:F2} s were spent."));
        Assert.True(abandoned.Count(task => task.IsCanceled) >= Room - 2);
        Assert.True(spent < 4 * one);

        TimeSpan Used()
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    private static byte[] Body(string photo) => JsonSerializer.SerializeToUtf8Bytes(new { image = DeviceClient.Image(photo) });

    private static HttpRequestMessage Request(Call call) => new(HttpMethod.Post, call.Path)
    {
        Content = new ByteArrayContent(call.Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
    };

    /// <summary>The status and the body but for the time it took; a 503 is checked for its form.</summary>
    private static async Task<(HttpStatusCode Status, string Body)> AnswerAsync(HttpClient http, Call call)
    {
        using var response = await http.SendAsync(Request(call));
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            await DeviceError.AssertAsync(503, response);
            return (response.StatusCode, "");
        }

        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
        body.Remove("inference_time_ms");
        return (response.StatusCode, body.ToJsonString());
    }

    private sealed record Call(string Path, byte[] Body);
}
