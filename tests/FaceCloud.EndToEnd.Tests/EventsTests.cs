using System.Text.Json.Nodes;
using FaceCloud.Contracts;
using FaceCloud.Testing;
using Npgsql;

namespace FaceCloud.EndToEnd.Tests;

/// <summary><c>facecloud events</c> beside a cluster in which something fails that nobody foresaw.</summary>
[Collection<SharedCluster>]
public sealed class EventsTests(RunningCluster cluster)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_that_failed_is_listed_shown_and_sent_again()
    {
        using var http = cluster.Gallery("events");
        var photo = People.SinglePhotos.First();
        await http.AddAsync("Anna", photo); // makes the gallery

        // What another test's kills had put aside does not fail again.
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                await RunAsync("replay", "--all");
                return (await RunAsync("list")).Output.Trim() == "No event has failed.";
            },
            "no event has failed");
        await SqlAsync(
            """
            CREATE FUNCTION identity.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'Nobody foresaw this.'; END $$;
            CREATE TRIGGER fail BEFORE INSERT ON identity.faces FOR EACH ROW WHEN (NEW.photo_id IS NOT NULL) EXECUTE FUNCTION identity.fail();
            """);
        JsonNode answer;
        try
        {
            answer = await UploadAsync(http, photo);
        }
        finally
        {
            await SqlAsync("DROP TRIGGER fail ON identity.faces; DROP FUNCTION identity.fail();");
        }

        Assert.Equal("failed", (string?)answer["status"]);
        var line = "";
        await Eventually.BecomesTrueAsync(
            async () => (line = (await RunAsync("list")).Output).Contains("Nobody foresaw this.", StringComparison.Ordinal),
            "the event is put aside");
        var id = line.Split(' ')[0];
        Assert.Contains("PhotoStored", line, StringComparison.Ordinal);
        var shown = JsonNode.Parse((await RunAsync("show", id)).Output)!;
        Assert.Equal(
            ("photo-stored", "PhotoStored", (long)answer["id"]!),
            ((string?)shown["queue"], (string?)shown["event"], (long)shown["body"]!["message"]!["photoId"]!));
        Assert.StartsWith("   at ", (string?)shown["stack_trace"], StringComparison.Ordinal);

        Assert.Equal("1 event was sent again.", (await RunAsync("replay", id)).Output.Trim());
        await Eventually.BecomesTrueAsync(
            async () => (string?)(await http.OkAsync(HttpMethod.Get, $"/api/photos/{answer["id"]}"))["status"] == "processed", "the photo is processed");
        Assert.Equal("No event has failed.", (await RunAsync("list")).Output.Trim());
        var (exitCode, _, errors) = await RunAsync("replay", id);
        Assert.Equal((1, $"facecloud: No event {id} has failed, or it was sent again already."), (exitCode, errors.Trim()));
    }

    [Fact]
    public async Task Erasing_somebody_takes_their_scores_out_of_the_quality_service_s_tables_too()
    {
        using var http = cluster.As("admin", "erased-scores");
        await http.AddAsync("Anna", People.SinglePhotos.First());
        var face = (Guid)(await http.OkAsync(HttpMethod.Get, "/records"))["records"]![0]!["id"]!;
        Task<bool> HasScoresAsync() => IsTrueAsync($"SELECT EXISTS (SELECT FROM quality.faces WHERE face = '{face}')");
        await Eventually.BecomesTrueAsync(HasScoresAsync, "the quality service has the face's scores");
        var person = (await http.OkAsync(HttpMethod.Get, "/api/people"))["people"]![0]!["uuid"];
        var receipt = (await http.OkAsync(HttpMethod.Delete, $"/api/v1/people/{person}?erase=true"))["receipt"]!;
        await Eventually.BecomesTrueAsync(
            async () => (string?)(await http.OkAsync(HttpMethod.Get, $"/api/v1/erasures/{receipt["id"]}"))["status"] == "complete", "the erasure is complete");
        Assert.Equal(1, (int)receipt["quality"]!["scores"]!);
        Assert.False(await HasScoresAsync());
    }

    [Theory]
    [InlineData(
        "",
        "facecloud: Name the message broker with --broker, or in ConnectionStrings__messaging. Without one, events stay in the process that serves.")]
    [InlineData("amqp://guest:secret@127.0.0.1:1", "facecloud: The message broker at 127.0.0.1 does not answer: ")]
    public async Task Without_a_broker_it_says_so_in_a_sentence(string broker, string sentence)
    {
        var (exitCode, _, errors) = await RunWithAsync(broker, "list");
        Assert.Equal(1, exitCode);
        Assert.StartsWith(sentence, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", errors, StringComparison.Ordinal);
    }

    private static async Task<JsonNode> UploadAsync(HttpClient http, string photo)
    {
        var (_, body, _) = await http.PostPhotoAsync("/api/photos?wait=true", "file", await File.ReadAllBytesAsync(photo, Cancel));
        return body["photos"]![0]!;
    }

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) => RunWithAsync(cluster.Broker.ConnectionString, arguments);

    private static async Task<(int ExitCode, string Output, string Errors)> RunWithAsync(string broker, params string[] arguments)
    {
        using var data = new DataFolder();
        using var command = await CommandProcess.RunAsync(
            data.Path, null, ["events", .. arguments], new Dictionary<string, string> { [$"ConnectionStrings__{ServiceNames.Messaging}"] = broker });
        return (command.ExitCode, command.Output, command.Errors);
    }

    private async Task SqlAsync(string sql) => await IsTrueAsync(sql);

    private async Task<bool> IsTrueAsync(string sql)
    {
        await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Pooling = false });
#pragma warning disable CA2100 // Written above.
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(Cancel) is true;
    }
}
