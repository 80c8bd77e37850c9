using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FaceCloud.Contracts;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>The services as processes of their own behind the gateway: what one process does, and what happens when one of several is gone.</summary>
public sealed class ClusterTests(RunningCluster cluster) : IClassFixture<RunningCluster>
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task People_are_enrolled_recognised_listed_and_removed()
    {
        using var http = Gallery("everybody");
        var people = People.WithSeveralPhotos.Take(3).ToList();
        foreach (var (name, photos) in people)
        {
            await http.AddAsync(name, photos[0]);
        }

        foreach (var (name, photos) in people)
        {
            Assert.Equal(name, DeviceClient.Largest(await http.RecognizeAsync(photos[1])));
        }

        Assert.Equal(people.Select(person => person.Name), (await http.ListAsync()).Keys);
        Assert.Equal(512, (await http.EmbedAsync(people[0].Photos[0]))!.Length);
        Assert.Equal(1, (int)(await http.DetectAsync(people[0].Photos[0]))["count"]!);

        using var removed = await http.PostAsJsonAsync("/v1/database/remove", new { name = people[0].Name }, Cancel);
        Assert.Equal(HttpStatusCode.OK, removed.StatusCode);
        Assert.Equal("Unknown", DeviceClient.Largest(await http.RecognizeAsync(people[0].Photos[1])));
        Assert.Equal(people.Skip(1).Select(person => person.Name), (await http.ListAsync()).Keys);
    }

    [Fact]
    public async Task Health_is_the_union_of_the_services()
    {
        var (status, health) = await HealthAsync();

        Assert.Equal((HttpStatusCode.OK, "healthy"), (status, (string?)health["status"]));
        Assert.True((bool)health["model_loaded"]!);
        Assert.True((bool)health["database_enabled"]!);
        Assert.NotNull((string?)health["detection_model"]);
        Assert.NotNull((string?)health["recognition_model"]);
        Assert.NotNull((string?)health["provider"]);
        Assert.True((bool)health["services"]!["face_detector"]!);
        Assert.True((bool)health["services"]!["face_analytics"]!);
        Assert.Equal(
            new SortedSet<string> { "detection", "embedding", "identity", "vector-search" },
            [.. health["checks"]!.AsObject().Select(check => check.Key)]);
    }

    [Theory]
    [InlineData("/v1/nothing", "error")]
    [InlineData("/api/nothing", "code")]
    [InlineData("/nothing", "detail")]
    [InlineData("/internal/detect", "message")]
    public async Task A_path_nobody_answers_is_404_in_the_form_of_its_dialect(string path, string field)
    {
        using var response = await cluster.Http.GetAsync(path, Cancel);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.NotNull((string?)(await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))![field]);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_413_in_the_form_of_its_dialect()
    {
        using var response = await cluster.Http.PostAsJsonAsync("/v1/detect", new { image = new string('A', 21 * 1024 * 1024) }, Cancel);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.NotNull((string?)(await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["error"]);
    }

    [Fact]
    public async Task What_a_service_refuses_passes_the_gateway_and_the_services_between_unchanged()
    {
        using var response = await cluster.Http.PostAsJsonAsync("/v1/recognize", new { image = "AAAA" }, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.NotNull((string?)(await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["error"]);
    }

    [Theory]
    [InlineData(ServiceNames.Detection, "/v1/detect", "/v1/recognize", "unhealthy")]
    [InlineData(ServiceNames.Embedding, "/v1/embed", "/v1/recognize", "unhealthy")]
    [InlineData(ServiceNames.Identity, "/v1/recognize", "/v1/recognize", "unhealthy")]
    [InlineData(ServiceNames.VectorSearch, "/v1/recognize", "/v1/recognize", "degraded")]
    public async Task A_service_that_is_killed_is_named_its_callers_get_503_and_once_it_is_back_all_is_well(
        string service, string directly, string through, string word)
    {
        using var http = Gallery($"without-{service}");
        var (name, photos) = People.WithSeveralPhotos.First();
        await http.AddAsync(name, photos[0]);

        await cluster.KillAsync(service);
        foreach (var path in new[] { directly, through })
        {
            using var response = await http.PostAsJsonAsync(path, new { image = DeviceClient.Image(photos[1]) }, Cancel);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.NotNull(response.Headers.RetryAfter);
            Assert.NotNull((string?)(await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["error"]);
        }

        var (status, health) = await HealthAsync();
        Assert.Equal(word == "degraded" ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal(word, (string?)health["status"]);
        Assert.Equal(word, (string?)health["checks"]![service]);
        Assert.All(health["checks"]!.AsObject().Where(check => check.Key != service), check => Assert.Equal("healthy", (string?)check.Value));
        using var live = await cluster.Http.GetAsync("/health/live", Cancel);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);

        await cluster.StartAsync(service);
        await UntilAsync(async () =>
        {
            using var response = await http.PostAsJsonAsync("/v1/recognize", new { image = DeviceClient.Image(photos[1]) }, Cancel);
            return response.IsSuccessStatusCode;
        });
        Assert.Equal(name, DeviceClient.Largest(await http.RecognizeAsync(photos[1])));
        Assert.Equal("healthy", (string?)(await HealthAsync()).Body["status"]);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Limit);
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await condition())
        {
            await again.WaitForNextTickAsync(limit.Token);
        }
    }

    private async Task<(HttpStatusCode Status, JsonNode Body)> HealthAsync()
    {
        using var response = await cluster.Http.GetAsync("/health", Cancel);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!);
    }

    private HttpClient Gallery(string name)
    {
        var http = new HttpClient { BaseAddress = cluster.Http.BaseAddress, Timeout = cluster.Http.Timeout };
        http.DefaultRequestHeaders.Add("X-Gallery", name);
        return http;
    }
}
