using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using FaceCloud.Standalone.Commands;
using FaceCloud.Standalone.Commands.Import;
using Microsoft.AspNetCore.Http;

namespace FaceCloud.CommandLine.Tests;

/// <summary>An import against a server that is busy, hangs up, or is gone.</summary>
public sealed class ImporterTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ConcurrentQueue<JsonObject> _records = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_busy_server_is_asked_again()
    {
        var busy = 3;
        await using var server = await ServeAsync(async (context, enrol) =>
        {
            if (Interlocked.Decrement(ref busy) >= 0)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                context.Response.Headers.RetryAfter = "0";
            }
            else
            {
                await enrol();
            }
        });
        Photos("Anna/1.jpg", "Anna/2.jpg");
        var result = await ImportAsync(server, parallel: 2);
        Assert.Equal((2, 0), (result.Imported, result.Failed.Count));
        Assert.Equal(2, _records.Count);
    }

    [Fact]
    public async Task A_server_that_stays_busy_fails_the_photo_with_its_own_sentence()
    {
        await using var server = await ServeAsync(async (context, _) =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "3600";
            await context.Response.WriteAsJsonAsync(new { detail = "The detector is busy." });
        });
        Photos("Anna/1.jpg");
        var result = await ImportAsync(server);
        Assert.Equal([new FailedPhoto("Anna/1.jpg", "The detector is busy.")], result.Failed);
    }

    [Fact]
    public async Task An_enrolment_whose_answer_was_lost_is_not_repeated()
    {
        var first = true;
        await using var server = await ServeAsync(async (context, enrol) =>
        {
            await enrol();
            if (first)
            {
                first = false;
                context.Abort();
            }
        });
        Photos("Anna/1.jpg", "Anna/2.jpg", "Ben/1.jpg");
        var result = await ImportAsync(server);
        Assert.Equal((3, 0), (result.Imported, result.Failed.Count));
        Assert.Equal(3, _records.Count);
    }

    [Fact]
    public async Task A_connection_lost_before_the_enrolment_is_tried_again()
    {
        var first = true;
        await using var server = await ServeAsync(async (context, enrol) =>
        {
            if (first)
            {
                first = false;
                context.Abort();
                return;
            }

            await enrol();
        });
        Photos("Anna/1.jpg", "Anna/2.jpg");
        var result = await ImportAsync(server);
        Assert.Equal((2, 0), (result.Imported, result.Failed.Count));
        Assert.Equal(2, _records.Count);
    }

    [Fact]
    public async Task One_photo_that_ends_every_connection_fails_alone()
    {
        await using var server = await ServeAsync(async (context, enrol) =>
        {
            using var photo = new StreamReader(context.Request.Form.Files[0].OpenReadStream());
            if (await photo.ReadToEndAsync() == "Ben/1.jpg")
            {
                context.Abort();
                return;
            }

            await enrol();
        });
        Photos("Anna/1.jpg", "Ben/1.jpg", "Cleo/1.jpg");
        var result = await ImportAsync(server, parallel: 2);
        Assert.Equal("Ben/1.jpg", Assert.Single(result.Failed).File);
        Assert.Null(result.Gone);
        Assert.Equal(2, result.Imported);
    }

    [Fact]
    public async Task A_server_that_is_gone_ends_the_import_and_not_each_photo()
    {
        await using var server = await ServeAsync((context, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        Photos([.. Enumerable.Range(0, 50).Select(i => $"Anna/{i}.jpg")]);
        var result = await ImportAsync(server, parallel: 2);
        Assert.NotNull(result.Gone);
        Assert.InRange(result.Failed.Count, 1, 4);
    }

    [Fact]
    public async Task What_is_there_and_what_is_there_twice_is_not_sent()
    {
        await using var server = await ServeAsync((_, enrol) => enrol());
        Photos("Anna/1.jpg", "Anna/deeper/2.jpg", "Ben/1.png");
        File.Copy(Path.Combine(_folder.Path, "Anna/1.jpg"), Path.Combine(_folder.Path, "Anna/copy.JPG"));
        File.Copy(Path.Combine(_folder.Path, "Anna/1.jpg"), Path.Combine(_folder.Path, "Ben/also-him.jpg"));
        var first = await ImportAsync(server);
        Assert.Equal((4, 0, 1, 0), (first.Imported, first.There, first.Copies, first.Failed.Count));
        Assert.Equal(["Anna/1.jpg", "Anna/deeper/2.jpg", "Ben/1.png", "Ben/also-him.jpg"], _records.Select(record => (string?)record["metadata"]!["file"]));

        Photos("Ben/new.jpg");
        var second = await ImportAsync(server);
        Assert.Equal((1, 4, 1, 0), (second.Imported, second.There, second.Copies, second.Failed.Count));
        Assert.Equal("Ben/new.jpg", (string?)_records.Last()["metadata"]!["file"]);
    }

    [Fact]
    public async Task More_records_than_a_page_holds_are_all_seen()
    {
        await using var server = await ServeAsync((_, enrol) => enrol());
        for (var i = 0; i < 2500; i++)
        {
            _records.Enqueue(new JsonObject { ["name"] = $"Somebody {i}", ["metadata"] = i % 2 == 0 ? null : new JsonObject { ["sha256"] = i } });
        }

        Photos("Anna/1.jpg", "Anna/2.jpg");
        Assert.Equal(2, (await ImportAsync(server)).Imported);
        Assert.Equal(2, (await ImportAsync(server)).There);
    }

    [Fact]
    public async Task Stopped_it_finishes_what_is_under_way_and_sends_nothing_more()
    {
        using var stop = new CancellationTokenSource();
        await using var server = await ServeAsync(async (_, enrol) =>
        {
            await stop.CancelAsync();
            await enrol();
        });
        Photos([.. Enumerable.Range(0, 20).Select(i => $"Anna/{i}.jpg")]);
        var result = await ImportAsync(server, parallel: 2, stop.Token);
        Assert.True(result.Stopped);
        Assert.InRange(result.Imported, 1, 3);
        Assert.Equal(result.Imported, _records.Count);
        Assert.Empty(result.Failed);
    }

    [Fact]
    public void Files_that_are_no_photos_hidden_or_in_no_folder_are_counted_and_left_alone()
    {
        Photos("1.jpg", "Anna/1.jpg", "Anna/.hidden.jpg", "Anna/notes.txt", ".thumbnails/1.jpg", "Anna/.cache/1.jpg");
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "Anna", "circle"), _folder.Path);
        var folder = PhotoFolder.ReadPeople(new DirectoryInfo(_folder.Path));
        Assert.Equal("Anna/1.jpg", Assert.Single(folder.Photos).File);
        Assert.Equal((1, 3), (folder.People, folder.Ignored));
    }

    /// <summary>Files whose bytes are their paths.</summary>
    private void Photos(params string[] files)
    {
        foreach (var file in files)
        {
            var path = Path.Combine(_folder.Path, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, file);
        }
    }

    private async Task<ImportResult> ImportAsync(LocalServer server, int parallel = 1, CancellationToken? stop = null)
    {
        using var http = new HttpClient { BaseAddress = server.Address };
        var importer = new Importer(new RecordsTarget(http), parallel, new ProgressCount("photos")) { FirstPause = TimeSpan.Zero };
        return await importer.RunAsync(PhotoFolder.ReadPeople(new DirectoryInfo(_folder.Path)).Photos, stop ?? TestContext.Current.CancellationToken);
    }

    /// <param name="create">How POST /records is answered; what it is given keeps the record and answers that.</param>
    private Task<LocalServer> ServeAsync(Func<HttpContext, Func<Task>, Task> create) => LocalServer.StartAsync(async context =>
    {
        if (HttpMethods.IsGet(context.Request.Method))
        {
            var page = _records.Skip(int.Parse(context.Request.Query["skip"]!)).Take(int.Parse(context.Request.Query["limit"]!));
            await context.Response.WriteAsJsonAsync(new JsonObject
            {
                ["total_count"] = _records.Count,
                ["records"] = new JsonArray([.. page.Select(record => record.DeepClone())]),
            });
            return;
        }

        var form = await context.Request.ReadFormAsync();
        await create(context, async () =>
        {
            _records.Enqueue(new JsonObject { ["name"] = form["name"].ToString(), ["metadata"] = JsonNode.Parse(form["metadata"].ToString()) });
            await context.Response.WriteAsJsonAsync(new { success = true });
        });
    });
}
