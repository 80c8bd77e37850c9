using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FaceCloud.Contracts;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>Two replicas of identity and of embedding: they do what one would.</summary>
[Collection<SharedCluster>]
public sealed class ReplicaTests(RunningCluster cluster, ITestOutputHelper output)
{
    private const string Name = "replicas";

    /// <summary>Fewer than the detector has room for.</summary>
    private const int AtOnce = 8;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_many_do_at_once_through_both_adds_up()
    {
        const int Photos = 40;
        using var first = Replica(0);
        using var second = Replica(1);
        var replicas = new[] { first, second };
        var people = People.WithSeveralPhotos.Where(person => person.Photos.Length > 3).Take(5).ToList();
        var photos = People.SinglePhotos.Take(Photos).ToList();
        var stranger = People.SinglePhotos.Last();

        // Everybody is enrolled four times and every photo is uploaded four times, each time through both; and a stranger is seen twenty times.
        var answers = new ConcurrentBag<JsonNode>();
        Func<Task>[] calls =
        [
            .. people.SelectMany(person => person.Photos.Take(4).Select((photo, i) => (Func<Task>)(() => replicas[i % 2].AddAsync(person.Name, photo)))),
            .. photos.SelectMany(photo => Enumerable.Range(0, 4).Select(i => (Func<Task>)(async () => answers.Add(await UploadAsync(replicas[i % 2], photo))))),
            .. Enumerable.Range(0, 20).Select(i => (Func<Task>)(() => replicas[i % 2].PostedAsync("/analyze", "file", stranger))),
        ];
        Random.Shared.Shuffle(calls);
        await Parallel.ForEachAsync(calls, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (call, _) => await call());

        using var http = cluster.Gallery(Name);
        Assert.Equal(people.ToDictionary(person => person.Name, _ => 4), await http.ListAsync());
        var (_, stats) = await http.SendAsync(HttpMethod.Get, "/stats");
        Assert.Equal((1, 20), ((int)stats["unknown_faces"]!, (int)stats["total_detections"]!));

        Assert.Equal(Photos, answers.Select(photo => (long)photo["id"]!).Distinct().Count());
        Assert.Equal(Photos, answers.Count(photo => !(bool)photo["duplicate"]!));
        await Eventually.BecomesTrueAsync(async () => await CountAsync(http, "processed") == Photos, "all photos are processed");

        var faces = 0;
        foreach (var id in answers.Select(photo => (long)photo["id"]!).Distinct())
        {
            faces += (await http.OkAsync(HttpMethod.Get, $"/api/photos/{id}"))["faces"]!.AsArray().Count;
        }

        var expected = 0;
        foreach (var photo in photos)
        {
            expected += (int)(await http.DetectAsync(photo))["count"]!;
        }

        Assert.Equal(expected, faces);
        output.WriteLine($"{people.Count * 4} enrolments, {answers.Count} uploads of {Photos} photos with {faces} faces, 20 sightings.");
    }

    [Theory]
    [InlineData(ServiceNames.Embedding)]
    [InlineData(ServiceNames.Identity)]
    public async Task While_one_replica_is_dead_the_other_answers_every_call(string service)
    {
        using var http = cluster.Gallery($"{Name}-{service}");
        var (name, photos) = People.WithSeveralPhotos.First();
        await http.AddAsync(name, photos[0]);
        await cluster.KillAsync(service, 0);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(name, DeviceClient.Largest(await http.RecognizeAsync(photos[1])));
            Assert.Equal([name], (await http.ListAsync()).Keys);
        }

        await cluster.StartAsync(service, 0);
        Assert.Equal(name, DeviceClient.Largest(await http.RecognizeAsync(photos[1])));
    }

    /// <summary>Past the gateway, so that it is known who is asked.</summary>
    private HttpClient Replica(int number)
    {
        var http = new HttpClient { BaseAddress = cluster.AddressOf(ServiceNames.Identity, number), Timeout = cluster.Http.Timeout };
        http.DefaultRequestHeaders.Add("X-Gallery", Name);
        return http;
    }

    private static async Task<JsonNode> UploadAsync(HttpClient http, string photo)
    {
        using var form = PhotosTests.Form([("file.jpg", await File.ReadAllBytesAsync(photo, Cancel))]);
        using var response = await http.PostAsync("/api/photos", form, Cancel);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["photos"]![0]!;
    }

    private static async Task<int> CountAsync(HttpClient http, string status) =>
        (int)(await http.OkAsync(HttpMethod.Get, $"/api/photos?limit=1&status={status}"))["totalCount"]!;
}
