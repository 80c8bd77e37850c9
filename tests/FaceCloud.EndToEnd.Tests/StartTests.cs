using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>How the program starts, how it stops, and what it says when it cannot start.</summary>
public sealed class StartTests(DataFolder refused, ITestOutputHelper output) : IClassFixture<DataFolder>
{
    [Fact]
    public async Task It_starts_by_itself_the_first_time_and_again_with_what_it_was_told()
    {
        using var data = new DataFolder();
        TimeSpan first, warm;
        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path))
        {
            first = facecloud.StartedIn;
            await facecloud.Http.AddAsync("Somebody", People.All[0].Photos[0]);
        }

        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path))
        {
            warm = facecloud.StartedIn;
            Assert.Equal("Somebody", DeviceClient.Largest(await facecloud.Http.RecognizeAsync(People.All[0].Photos[0])));
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Start to ready (meant: below 20 s the first time ever, 5 s warm): {first.TotalSeconds:F2} s the first time ever, "
                + $"{warm.TotalSeconds:F2} s warm."));
    }

    [Fact]
    public async Task Told_to_stop_it_ends_in_order_and_leaves_no_process_behind()
    {
        using var data = new DataFolder();
        await using var facecloud = await FaceCloudProcess.StartAsync(data.Path);
        await facecloud.Http.AddAsync("Somebody", People.All[0].Photos[0]);
        var database = DatabaseServer.Processes(data.Path);
        Assert.NotEmpty(database);
        await facecloud.StopAsync();
        Assert.Equal(0, facecloud.ExitCode);
        Assert.DoesNotContain(database, DatabaseServer.Runs);
        Assert.False(File.Exists(Path.Combine(data.Path, "postgres", "postmaster.pid")));
        Assert.DoesNotContain("fail:", facecloud.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("warn:", facecloud.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_under_way_when_it_is_told_to_stop_are_answered()
    {
        using var data = new DataFolder();
        await using var facecloud = await FaceCloudProcess.StartAsync(data.Path);
        var photo = TestFiles.Photo("groups", "0_Parade_Parade_0_125.jpg");
        var expected = (int)(await facecloud.Http.RecognizeAsync(photo))["count"]!;
        using var http = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = Timeout.InfiniteTimeSpan })
        {
            BaseAddress = facecloud.Http.BaseAddress,
            DefaultRequestHeaders = { ExpectContinue = true },
        };
        var bodies = Enumerable.Range(0, 6).Select(_ => new AwaitedBody(new { image = DeviceClient.Image(photo) })).ToArray();
        var answers = bodies.Select(body => http.PostAsync("/v1/recognize", body)).ToArray();
        await Task.WhenAll(bodies.Select(body => body.IsAskedFor));
        await facecloud.StopAsync();
        foreach (var answer in await Task.WhenAll(answers))
        {
            Assert.Equal(expected, (int)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["count"]!);
            answer.Dispose();
        }

        Assert.Equal(0, facecloud.ExitCode);
    }

    [Fact]
    public async Task A_second_program_on_the_same_data_folder_is_refused_and_the_first_goes_on()
    {
        using var data = new DataFolder();
        await using var facecloud = await FaceCloudProcess.StartAsync(data.Path);
        var reason = await RefusedAsync(data.Path, []);
        Assert.Contains(data.Path, reason, StringComparison.Ordinal);
        Assert.Contains("Another FaceCloud", reason, StringComparison.Ordinal);
        await facecloud.Http.AddAsync("Somebody", People.All[0].Photos[0]);
        Assert.Equal("Somebody", DeviceClient.Largest(await facecloud.Http.RecognizeAsync(People.All[0].Photos[0])));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_so()
    {
        using var first = new DataFolder();
        using var second = new DataFolder();
        await using var facecloud = await FaceCloudProcess.StartAsync(first.Path);
        var port = facecloud.Http.BaseAddress!.Port.ToString(CultureInfo.InvariantCulture);
        var reason = await RefusedAsync(second.Path, new() { ["Kestrel__Endpoints__Http__Url"] = $"http://127.0.0.1:{port}" });
        Assert.Contains(port, reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FACECLOUD_MODELS", "/nowhere/models", "/nowhere/models", "FACECLOUD_MODELS")]
    [InlineData("Models__AcceptLicenses", "commercial", "Models:AcceptLicenses", "noncommercial")]
    [InlineData("Models__Provider", "cuda", "Models:Provider=cuda is not available", "Models:Provider=cpu")]
    [InlineData("Models__Provider", "abacus", "Models:Provider", "abacus")]
    [InlineData("Models__Recogniser", "nobody", "Models:Recogniser", "w600k_mbf")]
    [InlineData("Models__Cores", "0", "Models:Cores", "1")]
    [InlineData("Models__Cores", "many", "Models:Cores", "many")]
    [InlineData("Models__QueuePerCore", "-1", "Models:QueuePerCore", "negative")]
    [InlineData("Detection__MaxSide", "1", "MaxSide", "64")]
    [InlineData("Scores__StrangerGuard", "2", "StrangerGuard", "1")]
    public async Task A_setting_that_cannot_be_obeyed_ends_the_start_with_one_sentence(string setting, string value, string says, string saysToo)
    {
        var reason = await RefusedAsync(refused.Path, new() { [setting] = value });
        output.WriteLine(reason);
        Assert.Contains(says, reason, StringComparison.Ordinal);
        Assert.Contains(saysToo, reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recogniser_that_was_not_accepted_is_refused_when_it_is_asked_for()
    {
        var reason = await RefusedAsync(refused.Path, new() { ["Models__AcceptLicenses"] = "", ["Models__Recogniser"] = "w600k_mbf" });
        output.WriteLine(reason);
        Assert.Contains("Models:AcceptLicenses", reason, StringComparison.Ordinal);
        Assert.Contains("commercial", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Networks_in_the_data_folder_are_found_when_no_other_folder_is_named()
    {
        using var data = new DataFolder();
        var models = Directory.CreateDirectory(Path.Combine(data.Path, "models")).FullName;
        foreach (var file in new[] { "det_500m.onnx", "w600k_mbf.onnx" })
        {
            File.Copy(Path.Combine(TestFiles.Models, file), Path.Combine(models, file));
        }

        await using var facecloud = await FaceCloudProcess.StartAsync(data.Path, new Dictionary<string, string> { ["FACECLOUD_MODELS"] = "" });
        await facecloud.Http.AddAsync("Somebody", People.All[0].Photos[0]);
    }

    [Theory]
    [InlineData("det_500m.onnx")]
    [InlineData("w600k_mbf.onnx")]
    public async Task A_model_file_with_one_bit_changed_is_refused(string changed)
    {
        using var models = new DataFolder();
        foreach (var file in new[] { "det_500m.onnx", "w600k_mbf.onnx" })
        {
            var bytes = await File.ReadAllBytesAsync(Path.Combine(TestFiles.Models, file));
            bytes[bytes.Length / 2] ^= (byte)(file == changed ? 1 : 0);
            await File.WriteAllBytesAsync(Path.Combine(models.Path, file), bytes);
        }

        var reason = await RefusedAsync(refused.Path, new() { ["FACECLOUD_MODELS"] = models.Path });
        output.WriteLine(reason);
        Assert.Contains(Path.Combine(models.Path, changed), reason, StringComparison.Ordinal);
        Assert.Contains("SHA-256", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_path_that_is_a_file_is_said_so()
    {
        using var data = new DataFolder();
        var file = Path.Combine(data.Path, "file");
        await File.WriteAllTextAsync(file, "");
        Assert.Contains(file, await RefusedAsync(file, []), StringComparison.Ordinal);
    }

    /// <summary>The one line on standard error with which the program refuses to start; exit code 1, no database left running by it.</summary>
    private static async Task<string> RefusedAsync(string data, Dictionary<string, string> settings)
    {
        var before = DatabaseServer.Processes(data);
        var (exitCode, all, errors) = await FaceCloudProcess.RunToEndAsync(data, settings);
        Assert.True(exitCode == 1, $"Exit code {exitCode}:\n{all}");

        // The server itself: connections come and go.
        Assert.Equal(before.Take(1), DatabaseServer.Processes(data).Take(1));
        var line = Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("facecloud: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("onnxruntime_src", line, StringComparison.Ordinal);
        Assert.False(all.Contains("Exception", StringComparison.Ordinal) || all.Contains("   at ", StringComparison.Ordinal), all);
        return line;
    }

    /// <summary>Is sent when the program asks for it: its request is under way.</summary>
    private sealed class AwaitedBody : ByteArrayContent
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public AwaitedBody(object body)
            : base(JsonSerializer.SerializeToUtf8Bytes(body)) => Headers.ContentType = new("application/json");

        public Task IsAskedFor => _asked.Task;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            _asked.TrySetResult();
            return base.SerializeToStreamAsync(stream, context, cancellationToken);
        }
    }
}
