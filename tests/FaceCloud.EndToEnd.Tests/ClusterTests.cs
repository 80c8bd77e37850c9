using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FaceCloud.Contracts;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>The services as processes of their own behind the gateway: what one process does, and what happens when one of several is gone.</summary>
[Collection<SharedCluster>]
public sealed class ClusterTests(RunningCluster cluster)
{
    // As MassTransit calls them.
    private static readonly string[] Steps = ["photo-stored process", "faces-detected process", "faces-indexed process"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_is_the_union_of_the_services()
    {
        // A machine that is busy may keep a service from answering the gateway in time.
        JsonNode health = new JsonObject();
        await Eventually.BecomesTrueAsync(
            async () => ((_, health) = await HealthAsync()) is (HttpStatusCode.OK, { } body) && (string?)body["status"] == "healthy",
            "the cluster is well");

        Assert.True((bool)health["model_loaded"]!);
        Assert.True((bool)health["database_enabled"]!);
        Assert.NotNull((string?)health["detection_model"]);
        Assert.NotNull((string?)health["recognition_model"]);
        Assert.NotNull((string?)health["provider"]);
        Assert.True((bool)health["services"]!["face_detector"]!);
        Assert.True((bool)health["services"]!["face_analytics"]!);
        Assert.Equal(
            new SortedSet<string> { "detection", "embedding", "identity", "quality", "vector-search" },
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
    public async Task Photos_are_streamed_through_the_gateway_more_than_a_body_may_have_at_once()
    {
        using var http = cluster.Gallery("photos");
        var files = Enumerable.Range(0, 3).Select(i => ($"{i}.png", PhotosTests.Padded(PhotosTests.Unique(i), 18 << 20))).ToArray();
        var uploaded = await PhotosTests.UploadedAsync(http, files);
        var (_, photo) = await http.SendAsync(HttpMethod.Get, $"/api/photos/{uploaded["photos"]![2]!["id"]}");
        Assert.Equal(files[2].Item2, await http.GetByteArrayAsync((string?)photo["media_url"], Cancel));

        var (status, body) = await PhotosTests.UploadAsync(http, "/api/photos", files[0], ("large.png", PhotosTests.Padded(PhotosTests.Unique(9), 40 << 20)));
        Assert.Equal((413, "TOO_LARGE"), (status, (string?)body["code"]));
        Assert.Equal(3, (await PhotosTests.AllAsync(http)).Count);
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

    [Fact]
    public async Task Faces_are_assessed_at_once_or_when_the_quality_service_is_back()
    {
        using var http = cluster.As("photographer", "assessed");
        var album = await http.AlbumAsync();
        var (_, photos) = People.WithSeveralPhotos.First();
        await http.UploadAsync(album, photos[0]);
        var first = $"/api/v1/faces/{(await http.AssessedAsync(album))[0]!["face_id"]}/quality";
        var quality = await http.OkAsync(HttpMethod.Get, first);
        using var thumbnail = await cluster.Http.GetAsync((string?)quality["thumbnail_url"], Cancel);
        Assert.Equal("image/jpeg", thumbnail.Content.Headers.ContentType?.MediaType);

        await cluster.KillAsync(ServiceNames.Quality);
        await http.UploadAsync(album, photos[1]);
        var (status, body, _) = await http.CallAsync(HttpMethod.Get, first);
        Assert.Equal(503, status);
        Assert.NotNull((string?)body["detail"]);
        Assert.Equal("degraded", (string?)(await HealthAsync()).Body["status"]);

        await cluster.StartAsync(ServiceNames.Quality);
        await Eventually.BecomesTrueAsync(
            async () => (await http.CallAsync(HttpMethod.Get, first)).Status == 200, "a face's quality is answered again", every: TimeSpan.FromSeconds(1));
        await http.UntilAssessedAsync(album, 2);
    }

    [Theory]
    [InlineData(ServiceNames.Detection, "/v1/detect", "/v1/recognize", "unhealthy")]
    [InlineData(ServiceNames.Embedding, "/v1/embed", "/v1/recognize", "unhealthy")]
    [InlineData(ServiceNames.Identity, "/v1/recognize", "/v1/recognize", "unhealthy")]
    [InlineData(ServiceNames.VectorSearch, "/v1/recognize", "/v1/recognize", "degraded")]
    public async Task A_service_that_is_killed_is_named_its_callers_get_503_and_once_it_is_back_all_is_well(
        string service, string directly, string through, string word)
    {
        using var http = cluster.Gallery($"without-{service}");
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

        // A machine that is busy may keep another one from answering in time.
        var expected = word == "degraded" ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable;
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                var (status, health) = await HealthAsync();
                return status == expected && (string?)health["status"] == "degraded"
                    && health["checks"]!.AsObject().All(check => (string?)check.Value == (check.Key == service ? word : "healthy"));
            },
            $"of all services {service} is {word}");
        using var live = await cluster.Http.GetAsync("/health/live", Cancel);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);

        await cluster.StartAsync(service);
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                // Each replica that asks it finds out by itself that it is back.
                using var response = await http.PostAsJsonAsync("/v1/recognize", new { image = DeviceClient.Image(photos[1]) }, Cancel);
                return response.IsSuccessStatusCode && DeviceClient.Largest((await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!) == name;
            },
            "people are recognised again");
        await Eventually.BecomesTrueAsync(async () => (string?)(await HealthAsync()).Body["status"] == "healthy", "the cluster is well");
    }

    [Fact]
    public async Task An_upload_is_one_trace_from_the_gateway_to_the_last_consumer()
    {
        using var http = cluster.Gallery("traced");
        var (trace, caller) = (ActivityTraceId.CreateRandom().ToHexString(), ActivitySpanId.CreateRandom().ToHexString());
        http.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-{caller}-01");
        await PhotosTests.UploadedAsync(http, ("anna.jpg", await File.ReadAllBytesAsync(People.WithSeveralPhotos.First().Photos[0], Cancel)));

        // They arrive when they have ended, from each process by itself.
        string[] services =
        [
            ServiceNames.Gateway, ServiceNames.Identity, ServiceNames.Detection,
            ServiceNames.Embedding, ServiceNames.VectorSearch, ServiceNames.Quality
        ];
        IReadOnlyList<TelemetryReceiver.Span> spans = [];
        await Eventually.BecomesTrueAsync(
            () =>
            {
                spans = [.. cluster.Telemetry.Spans.Where(span => span.TraceId == trace)];
                return Task.FromResult(
                    Steps.All(step => spans.Any(span => span.Name == step)) && services.All(service => spans.Any(span => span.Service == service))
                    && spans.All(span => span.ParentId == caller || spans.Any(other => other.Id == span.ParentId)));
            },
            "all spans of the upload have arrived");
        var request = Assert.Single(spans, span => span.Service == ServiceNames.Gateway && span.ParentId == caller);
        Assert.Equal(("/api/{**rest}", "202"), (request.Tags["http.route"], request.Tags["http.response.status_code"]));
    }

    [Fact]
    public async Task What_its_operator_watches_is_measured()
    {
        using var http = cluster.Gallery("measured");
        var (name, photos) = People.WithSeveralPhotos.First();
        await http.AddAsync(name, photos[0]);
        await http.RecognizeAsync(photos[1]);
        await http.RecognizeAsync(People.SinglePhotos.First());

        (string Service, string Metric, string? Tag)[] watched =
        [
            (ServiceNames.Identity, "facecloud.photos.waiting", null),
            (ServiceNames.Identity, "facecloud.photos.oldest", null),
            (ServiceNames.Identity, "facecloud.outbox.waiting", null),
            (ServiceNames.Identity, "facecloud.faces.recognised", "result=match"),
            (ServiceNames.Identity, "facecloud.faces.recognised", "result=stranger"),
            (ServiceNames.Detection, "facecloud.faces.detected", null),
            (ServiceNames.Detection, "facecloud.inference.waiting", "network=detector"),
            (ServiceNames.Detection, "facecloud.inference.duration", "provider=cpu"),
            (ServiceNames.Embedding, "facecloud.faces.embedded", null),
            (ServiceNames.Embedding, "facecloud.inference.duration", "network=w600k_mbf"),
            (ServiceNames.VectorSearch, "facecloud.index.faces", "network=w600k_mbf"),
            (ServiceNames.Gateway, "http.server.request.duration", null),
        ];
        await Eventually.BecomesTrueAsync(
            () => Task.FromResult(watched.All(one => cluster.Telemetry.Metrics.Any(metric =>
                metric.Service == one.Service && metric.Name == one.Metric
                && (one.Tag is null || metric.Tags.Any(tag => $"{tag.Key}={tag.Value}" == one.Tag))))),
            "all metrics have arrived");
        Assert.Contains(cluster.Telemetry.Logs, log => log.Service == ServiceNames.Detection);

        // Probes come every few seconds, and each process looks every second whether there is work.
        Assert.DoesNotContain(
            cluster.Telemetry.Spans,
            span => span.Tags.GetValueOrDefault("url.path")?.StartsWith("/health", StringComparison.Ordinal) == true);
        Assert.DoesNotContain(cluster.Telemetry.Spans, span => span is { Name: "postgresql", ParentId: "" });

        // Whom it was about is nobody's business.
        Assert.False(cluster.Telemetry.Holds(name));
    }

    private async Task<(HttpStatusCode Status, JsonNode Body)> HealthAsync()
    {
        using var response = await cluster.Http.GetAsync("/health", Cancel);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!);
    }
}
