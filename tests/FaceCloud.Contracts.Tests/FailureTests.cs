using System.Net;
using System.Net.Http.Headers;
using FaceCloud.Contracts.Clients;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Frames;
using FaceCloud.Contracts.Ports;
using FaceCloud.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using DetectionAnswer = FaceCloud.Contracts.Ports.Detection;

namespace FaceCloud.Contracts.Tests;

/// <summary>What goes wrong in the other process, or on the way there, arrives as if it had gone wrong in this one.</summary>
public class FailureTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<Failure> Kinds => [.. Enum.GetValues<Failure>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_failure_passes_through_unchanged(Failure kind)
    {
        var thrown = new FailureException(kind, "What \"happened\" to Zoë.")
        {
            Details = new Dictionary<string, object?>
            {
                ["face_id"] = 5L,
                ["current_person"] = "Ann",
                ["similarity"] = 0.25,
                ["sure"] = true,
                ["nothing"] = null
            },
        };
        await using var service = await Service.StartAsync(new FakePorts
        {
            Detect = (_, _, _) => throw thrown,
            Embed = (_, _) => throw thrown,
            Upsert = (_, _) => throw thrown,
            Delete = (_, _) => throw thrown,
            Search = (_, _, _, _) => throw thrown,
            Count = (_, _) => throw thrown,
            Rebuild = (_, _, _) => throw thrown,
        });
        Func<Task>[] calls =
        [
            () => service.Detector.DetectAsync(new byte[100], new DetectionRequest(), Cancel),
            () => service.Embedder.EmbedAsync([FakePorts.Crop(1)], Cancel),
            () => service.Index.UpsertAsync("r", [FakePorts.Face(1)], Cancel),
            () => service.Index.DeleteAsync("r", [1], Cancel),
            () => service.Index.SearchAsync("r", [FakePorts.Face(1).Embedding], 1, new IndexFilter(1), Cancel),
            () => service.Index.CountAsync("r", new IndexFilter(1), Cancel),
            () => service.Index.RebuildAsync("r", new[] { FakePorts.Face(1) }.ToAsyncEnumerable(), Cancel),
        ];
        foreach (var call in calls)
        {
            var failure = await Assert.ThrowsAsync<FailureException>(call);
            Assert.Equal((thrown.Failure, thrown.Message), (failure.Failure, failure.Message));
            Assert.Equal(thrown.Details, failure.Details);
        }
    }

    [Fact]
    public async Task A_fault_of_the_service_tells_nothing_of_its_inside()
    {
        await using var service = await Service.StartAsync(new FakePorts { Count = (_, _) => throw new InvalidOperationException("secret") });

        var failure = await Assert.ThrowsAsync<FailureException>(() => service.Index.CountAsync("r", new IndexFilter(1), Cancel));

        Assert.Equal(Failure.Internal, failure.Failure);
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rebuild_that_fails_early_says_why_however_much_is_still_to_be_sent()
    {
        await using var service = await Service.StartAsync(new FakePorts
        {
            Rebuild = async (_, faces, cancel) =>
            {
                await foreach (var face in faces.WithCancellation(cancel))
                {
                    throw new FailureException(Failure.Unavailable, $"The disk is full at face {face.FaceId}.");
                }

                return 0;
            },
        });

        var failure = await Assert.ThrowsAsync<FailureException>(
            () => service.Index.RebuildAsync("r", Enumerable.Range(0, 20_000).Select(i => FakePorts.Face(i, 256)).ToAsyncEnumerable(), Cancel));

        Assert.Equal("The disk is full at face 0.", failure.Message);
    }

    [Fact]
    public async Task A_source_that_fails_is_the_callers_own_fault_and_ends_the_rebuild()
    {
        var ended = new TaskCompletionSource<Exception>();
        await using var service = await Service.StartAsync(new FakePorts
        {
            Rebuild = async (_, faces, cancel) =>
            {
                try
                {
                    return await faces.LongCountAsync(cancel);
                }
                catch (Exception e)
                {
                    ended.SetResult(e);
                    throw;
                }
            },
        });
        static async IAsyncEnumerable<IndexedFace> SourceAsync()
        {
            for (var i = 0; i < 5000; i++)
            {
                yield return FakePorts.Face(i, 128);
            }

            await Task.Yield();
            throw new TimeoutException("The database is away.");
        }

        Assert.Equal(
            "The database is away.",
            (await Assert.ThrowsAsync<TimeoutException>(() => service.Index.RebuildAsync("r", SourceAsync(), Cancel))).Message);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_is_cancelled_in_the_service()
    {
        var (began, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var service = await Service.StartAsync(new FakePorts
        {
            Detect = async (_, _, cancel) =>
            {
                began.SetResult();
                return await NeverAsync(ended, cancel);
            },
        });
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var call = service.Detector.DetectAsync(new byte[1], new DetectionRequest(), cancellation.Token);
        await began.Task.WaitAsync(Cancel);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public async Task A_rebuild_that_is_cancelled_is_cancelled_in_the_service()
    {
        var ended = new TaskCompletionSource();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await using var service = await Service.StartAsync(new FakePorts
        {
            Rebuild = async (_, faces, cancel) =>
            {
                try
                {
                    return await faces.LongCountAsync(cancel);
                }
                finally
                {
                    ended.SetResult();
                }
            },
        });
        async IAsyncEnumerable<IndexedFace> SourceAsync()
        {
            for (var i = 0; ; i++)
            {
                yield return FakePorts.Face(i, 128);
                if (i == 5000)
                {
                    await cancellation.CancelAsync();
                }
            }
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => service.Index.RebuildAsync("r", SourceAsync(), cancellation.Token));
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_unavailable()
    {
        await using var service = Service.Nowhere();

        var failure = await Assert.ThrowsAsync<FailureException>(() => service.Embedder.EmbedAsync([], Cancel));

        Assert.Equal(Failure.Unavailable, failure.Failure);
        Assert.Contains("embedding", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_does_not_answer_in_time_is_unavailable_and_is_told_to_stop()
    {
        var ended = new TaskCompletionSource();
        await using var service = await Service.StartAsync(
            new FakePorts
            {
                Detect = async (image, _, cancel) =>
                {
                    if (image.IsEmpty)
                    {
                        return new DetectionAnswer(1, 1, [], "d");
                    }

                    return await NeverAsync(ended, cancel);
                },
            },
            ("Calls:Timeout", "00:00:03"));

        // The first call of a process takes its time.
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                try
                {
                    return (await service.Detector.DetectAsync(default, new DetectionRequest(), Cancel)).Faces.Count == 0;
                }
                catch (FailureException e) when (e.Failure == Failure.Unavailable)
                {
                    return false;
                }
            },
            "the service answers");

        var failure = await Assert.ThrowsAsync<FailureException>(() => service.Detector.DetectAsync(new byte[1], new DetectionRequest(), Cancel));

        Assert.Equal(Failure.Unavailable, failure.Failure);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_tried_again()
    {
        var attempts = 0;
        await using var service = await Service.StartAsync(app => app.MapPost(InternalRoutes.IndexCount, (HttpContext http) =>
        {
            if (++attempts == 1)
            {
                http.Abort();
            }

            return ServiceDefaults.Calls.FrameAnswer.Of(new TotalFrame(attempts));
        }));

        Assert.Equal(2, await service.Index.CountAsync("r", new IndexFilter(1), Cancel));
    }

    [Fact]
    public async Task A_service_that_keeps_failing_is_left_alone_for_a_moment_and_then_used_again()
    {
        var (attempts, broken) = (0, true);
        await using var service = await Service.StartAsync(
            app => app.MapPost(InternalRoutes.IndexCount, (HttpContext http) =>
            {
                attempts++;
                if (broken)
                {
                    http.Abort();
                }

                return ServiceDefaults.Calls.FrameAnswer.Of(new TotalFrame(1));
            }),
            settings: [("Calls:Retries", "0"), ("Calls:Break", "00:00:10")]);
        Task<long> CountAsync() => service.Index.CountAsync("r", new IndexFilter(1), Cancel);

        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(Failure.Unavailable, (await Assert.ThrowsAsync<FailureException>(CountAsync)).Failure);
        }

        Assert.Equal(10, attempts);
        broken = false;
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await again.WaitForNextTickAsync(Cancel))
        {
            try
            {
                Assert.Equal(1, await CountAsync());
                break;
            }
            catch (FailureException e)
            {
                Assert.Equal(Failure.Unavailable, e.Failure);
            }
        }
    }

    [Theory]
    [InlineData(502, "text/html", "<html>Bad gateway</html>")]
    [InlineData(404, "application/json", "{}")]
    [InlineData(200, "text/plain", "hello")]
    [InlineData(200, Frame.ContentType, "")]
    public async Task Something_else_that_answers_is_unavailable(int status, string type, string body)
    {
        await using var service = await Service.StartAsync(app => app.MapPost(
            InternalRoutes.Detect, (HttpResponse response) =>
            {
                response.StatusCode = status;
                response.ContentType = type;
                return response.WriteAsync(body);
            }));

        var failure = await Assert.ThrowsAsync<FailureException>(() => service.Detector.DetectAsync(new byte[1], new DetectionRequest(), Cancel));

        Assert.Equal(Failure.Unavailable, failure.Failure);
    }

    [Fact]
    public async Task A_file_over_the_limit_is_too_large()
    {
        await using var service = await Service.StartAsync(new FakePorts { Detect = (_, _, _) => Task.FromResult(new DetectionAnswer(1, 1, [], "d")) });
        await service.Detector.DetectAsync(new byte[20 * 1024 * 1024], new DetectionRequest(), Cancel);

        var failure = await Assert.ThrowsAsync<FailureException>(
            () => service.Detector.DetectAsync(new byte[InternalRoutes.MaxFrame], new DetectionRequest(), Cancel));

        Assert.Equal(Failure.TooLarge, failure.Failure);
    }

    [Theory]
    [InlineData(InternalRoutes.Detect, Frame.ContentType, "no frame")]
    [InlineData(InternalRoutes.Detect, "application/json", "{}")]
    [InlineData(InternalRoutes.IndexRebuild, Frame.ContentType, "no frame")]
    [InlineData(InternalRoutes.IndexRebuild, Frame.ContentType, "")]
    [InlineData(InternalRoutes.IndexSearch, Frame.ContentType, "")]
    public async Task What_is_no_frame_is_malformed(string route, string type, string body)
    {
        await using var service = await Service.StartAsync(new FakePorts());
        using var http = new HttpClient { BaseAddress = service.Address };
        using var content = new StringContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);

        using var response = await http.PostAsync(new Uri(route, UriKind.Relative), content, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(Failure.Malformed, FailureBody.Read(await response.Content.ReadAsByteArrayAsync(Cancel))?.Failure);
    }

    [Fact]
    public async Task A_payload_that_is_not_what_its_metadata_says_is_malformed()
    {
        await using var service = await Service.StartAsync(new FakePorts());
        using var http = new HttpClient { BaseAddress = service.Address };
        var frame = new Frame<CropsFrame>(new CropsFrame(2), new byte[FaceCrop.Bytes]);
        using var content = new ByteArrayContent([.. frame.Head(), .. frame.Payload.Span]);
        content.Headers.ContentType = new MediaTypeHeaderValue(Frame.ContentType);

        using var response = await http.PostAsync(new Uri(InternalRoutes.Embed, UriKind.Relative), content, Cancel);

        Assert.Equal(Failure.Malformed, FailureBody.Read(await response.Content.ReadAsByteArrayAsync(Cancel))?.Failure);
    }

    private static async Task<DetectionAnswer> NeverAsync(TaskCompletionSource ended, CancellationToken cancel)
    {
        try
        {
            return await new TaskCompletionSource<DetectionAnswer>().Task.WaitAsync(cancel);
        }
        finally
        {
            ended.SetResult();
        }
    }
}
