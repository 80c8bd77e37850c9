using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using FaceCloud.Contracts;
using FaceCloud.Testing;
using Microsoft.AspNetCore.Http;

namespace FaceCloud.Gateway.Tests;

public sealed class ForwardingTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_path_goes_to_the_service_that_the_configuration_names()
    {
        await using var detection = await FakeService.NamedAsync("detection");
        await using var embedding = await FakeService.NamedAsync("embedding");
        await using var identity = await FakeService.NamedAsync("identity");
        await using var gateway = await RunningGateway.StartAsync(
            (ServiceNames.Detection, detection.Address), (ServiceNames.Embedding, embedding.Address), (ServiceNames.Identity, identity.Address));

        foreach (var (path, service) in new[]
        {
            ("/v1/detect", "detection"), ("/v1/embed", "embedding"), ("/v1/recognize", "identity"), ("/v1/database/list", "identity"),
            ("/records/1", "identity"), ("/maintenance/rebuild-index", "identity"), ("/analyze", "identity"), ("/register", "identity"), ("/stats", "identity"),
            ("/api/faces/unidentified?limit=2", "identity"), ("/media/2026/11/1/a.jpg", "identity"), ("/processed/faces/face_1.jpg", "identity"),
        })
        {
            Assert.Equal(service, await gateway.Http.GetStringAsync(path, Cancel));
        }

        using var inside = await gateway.Http.GetAsync("/internal/detect", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, inside.StatusCode);
    }

    [Fact]
    public async Task An_upload_reaches_the_service_while_it_is_still_being_sent_and_the_answer_its_caller_while_it_is_still_being_written()
    {
        var (half, whole) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var identity = await FakeService.StartAsync(async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[1 << 20], Cancel);
            half.SetResult();
            await context.Request.Body.CopyToAsync(Stream.Null, Cancel);
            await context.Response.Body.WriteAsync("half"u8.ToArray(), Cancel);
            await context.Response.Body.FlushAsync(Cancel);
            await whole.Task.WaitAsync(Limit, Cancel);
        });
        await using var gateway = await RunningGateway.StartAsync((ServiceNames.Identity, identity.Address));

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/photos")
        {
            Content = new Produced(async stream =>
            {
                await stream.WriteAsync(new byte[2 << 20], Cancel);
                await stream.FlushAsync(Cancel);
                await half.Task.WaitAsync(Limit, Cancel); // never, if the gateway waits for the rest
                await stream.WriteAsync(new byte[40 << 20], Cancel);
            }),
        };
        using var response = await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        var answer = new byte[4];
        await (await response.Content.ReadAsStreamAsync(Cancel)).ReadExactlyAsync(answer, Cancel);
        Assert.Equal("half"u8.ToArray(), answer);
        whole.SetResult();
    }

    [Fact]
    public async Task The_trace_of_a_caller_goes_on_in_the_service()
    {
        await using var identity = await FakeService.StartAsync(context => context.Response.WriteAsync(context.Request.Headers.TraceParent.ToString()));
        await using var gateway = await RunningGateway.StartAsync((ServiceNames.Identity, identity.Address));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/stats");
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        request.Headers.Add("traceparent", $"00-{Trace}-00f067aa0ba902b7-01");

        using var response = await gateway.Http.SendAsync(request, Cancel);

        Assert.Contains(Trace, await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task A_request_that_reached_nobody_goes_to_another_replica(string method)
    {
        var gone = await FakeService.NamedAsync("gone");
        await using var there = await FakeService.StartAsync(async context => await context.Request.Body.CopyToAsync(context.Response.Body, Cancel));
        await using var gateway = await RunningGateway.StartAsync((ServiceNames.Identity, gone.Address), (ServiceNames.Identity, there.Address));
        await gone.DisposeAsync();

        for (var i = 0; i < 20; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), "/stats") { Content = new ByteArrayContent([1, 2, 3]) };
            using var response = await gateway.Http.SendAsync(request, Cancel);
            Assert.Equal((HttpStatusCode.OK, 3), (response.StatusCode, (await response.Content.ReadAsByteArrayAsync(Cancel)).Length));
        }
    }

    [Theory]
    [InlineData("GET", true)]
    [InlineData("POST", false)]
    [InlineData("DELETE", false)]
    public async Task A_request_whose_connection_breaks_is_sent_again_only_if_it_asks_and_changes_nothing(string method, bool isSentAgain)
    {
        var served = new ConcurrentBag<string>();
        RequestDelegate Breaking(string name) => context =>
        {
            served.Add(name);
            if (served.Count == 1)
            {
                context.Abort();
            }

            return context.Response.WriteAsync(name);
        };
        await using var one = await FakeService.StartAsync(Breaking("one"));
        await using var two = await FakeService.StartAsync(Breaking("two"));
        await using var gateway = await RunningGateway.StartAsync((ServiceNames.Identity, one.Address), (ServiceNames.Identity, two.Address));

        using var response = await gateway.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/stats"), Cancel);

        Assert.Equal(isSentAgain ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(!isSentAgain, response.Headers.RetryAfter is not null);
        Assert.Equal(isSentAgain ? 2 : 1, served.Distinct().Count());
    }

    [Fact]
    public async Task A_replica_that_is_away_gets_no_requests_and_once_it_is_back_it_does()
    {
        var first = await FakeService.NamedAsync("first");
        await using var second = await FakeService.NamedAsync("second");
        await using var gateway = await RunningGateway.StartAsync((ServiceNames.Identity, first.Address), (ServiceNames.Identity, second.Address));
        await Eventually.BecomesTrueAsync(async () => await gateway.Http.GetStringAsync("/stats", Cancel) == "first", "the first one answers");
        await first.DisposeAsync();
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("second", await gateway.Http.GetStringAsync("/stats", Cancel));
        }

        await using var again = await FakeService.NamedAsync("first again", first.Address.Port);
        await Eventually.BecomesTrueAsync(async () => await gateway.Http.GetStringAsync("/stats", Cancel) == "first again", "the first one answers again");
    }

    [Fact]
    public async Task Without_a_service_health_is_an_answer_that_names_it()
    {
        await using var detection = await FakeService.NamedAsync("detection");
        await using var embedding = await FakeService.NamedAsync("embedding");
        await using var identity = await FakeService.NamedAsync("identity");
        await using var gateway = await RunningGateway.StartAsync(
            (ServiceNames.Detection, detection.Address), (ServiceNames.Embedding, embedding.Address), (ServiceNames.Identity, identity.Address));

        var health = await HealthAsync(gateway, HttpStatusCode.OK, "degraded", detection: "healthy");
        Assert.Equal("cpu", (string?)health["provider"]);
        Assert.Equal("degraded", (string?)health["checks"]![ServiceNames.VectorSearch]);

        await identity.DisposeAsync();
        health = await HealthAsync(gateway, HttpStatusCode.ServiceUnavailable, "degraded", detection: "healthy");
        Assert.Equal("unhealthy", (string?)health["checks"]![ServiceNames.Identity]);

        await detection.DisposeAsync();
        await embedding.DisposeAsync();
        await HealthAsync(gateway, HttpStatusCode.ServiceUnavailable, "unhealthy", detection: "unhealthy");
        Assert.Equal(HttpStatusCode.OK, (await gateway.Http.GetAsync("/health/ready", Cancel)).StatusCode);
    }

    /// <summary>The answer once it is this one: a service that takes longer than the gateway waits for it is taken for one that is away.</summary>
    private static async Task<JsonNode> HealthAsync(RunningGateway gateway, HttpStatusCode code, string status, string detection)
    {
        JsonNode? health = null;
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                using var response = await gateway.Http.GetAsync("/health", Cancel);
                health = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
                return response.StatusCode == code && (string?)health["status"] == status && (string?)health["checks"]![ServiceNames.Detection] == detection;
            },
            $"health is {status}, and detection {detection}");
        return health!;
    }

    /// <summary>A body that is produced while it is sent.</summary>
    private sealed class Produced(Func<Stream, Task> produce) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => produce(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
