using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using FaceCloud.EmbeddedPostgres;
using FaceCloud.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>Photos that were acknowledged are processed once and whole, whenever the program is killed.</summary>
public sealed class PipelineFaultTests(ITestOutputHelper output)
{
    private const int Photos = 300;
    private const int Kills = 30;
    private const int Uploaders = 3;

    /// <summary>Between two kills.</summary>
    private const int UploadsAtMost = 20;

    [Fact]
    public async Task Thirty_random_kills_while_300_photos_are_uploaded_and_processed_lose_none_do_none_twice_and_leave_nothing_over()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}.");
        var photos = People.All.SelectMany(person => person.Photos).Take(Photos).ToDictionary(NameOf);
        Assert.Equal(Photos, photos.Count);
        var expected = await UninterruptedAsync(photos);

        using var data = new DataFolder();
        var random = new Random(seed);
        var waiting = new ConcurrentQueue<string>(photos.Keys);
        var acknowledged = new ConcurrentDictionary<string, long>();
        var (cutOff, processed) = (0, new List<int>());
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var facecloud = await FaceCloudProcess.StartAsync(data.Path);
            Assert.DoesNotContain("rebuilt", facecloud.Output, StringComparison.Ordinal);
            processed.Add(await CountAsync(facecloud.Http, "processed"));
            cutOff += await UploadAsync(facecloud, photos, waiting, acknowledged, killAt: random.Next(5, 150), withDatabase: kill % 3 == 2);
        }

        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path))
        {
            Assert.DoesNotContain("rebuilt", facecloud.Output, StringComparison.Ordinal);
            cutOff += await UploadAsync(facecloud, photos, waiting, acknowledged, killAt: int.MaxValue, withDatabase: false);
            await ProcessedAsync(facecloud.Http);
            await facecloud.StopAsync();
        }

        // Files of uploads that were cut off are noted, and deleted when the time for an upload is over: now.
        var due = await AskAsync(data.Path, "UPDATE identity.file_removals SET due_at = now() RETURNING key");
        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path))
        {
            // A start compares the index with the database, and this one has no kill before it that could excuse a difference.
            Assert.DoesNotContain("rebuilt", facecloud.Output, StringComparison.Ordinal);

            // It says so after the commit.
            await Eventually.BecomesTrueAsync(
                () => Task.FromResult(
                    FilesIn(data.Path).Count <= expected.Values.Sum() + Photos
                    && (due.Count == 0 || facecloud.Output.Contains("The sweep deleted the files of", StringComparison.Ordinal))),
                "files of no photo are deleted");
            await facecloud.StopAsync();
        }

        output.WriteLine($"{Kills} kills, {cutOff} uploads cut off and sent again; processed before each: {string.Join(' ', processed)}.");
        Assert.Equal(photos.Keys.Order(StringComparer.Ordinal), acknowledged.Keys.Order(StringComparer.Ordinal));
        await AssertWholeAsync(data.Path, expected);
    }

    /// <returns>How many faces each photo has when nothing goes wrong.</returns>
    private async Task<Dictionary<string, int>> UninterruptedAsync(Dictionary<string, string> photos)
    {
        using var data = new DataFolder();
        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path))
        {
            var clock = Stopwatch.StartNew();
            await UploadAsync(
                facecloud,
                photos,
                new ConcurrentQueue<string>(photos.Keys),
                new ConcurrentDictionary<string, long>(),
                int.MaxValue,
                withDatabase: false);
            var uploaded = clock.Elapsed.TotalSeconds;
            await ProcessedAsync(facecloud.Http);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Without a kill: {Photos} photos uploaded in {uploaded:F1} s and processed in {clock.Elapsed.TotalSeconds:F1} s."));
            await facecloud.StopAsync();
        }

        var faces = await FacesAsync(data.Path);
        await AssertWholeAsync(data.Path, faces);
        return faces;
    }

    /// <summary>Sends photos and asks how far they are, until so many requests have been sent or answered; then the program is killed.</summary>
    /// <returns>How many uploads were cut off; they wait again.</returns>
    private static async Task<int> UploadAsync(
        FaceCloudProcess facecloud, Dictionary<string, string> photos, ConcurrentQueue<string> waiting, ConcurrentDictionary<string, long> acknowledged,
        int killAt, bool withDatabase)
    {
        var (events, uploads, cutOff) = (0, 0, 0);
        var killed = Task.CompletedTask;
        var isEndless = killAt == int.MaxValue;
        await Task.WhenAll(Enumerable.Range(0, Uploaders).Select(_ => Task.Run(async () =>
        {
            while (!IsOver() && (isEndless || Interlocked.Increment(ref uploads) <= UploadsAtMost) && waiting.TryDequeue(out var name))
            {
                if (await TryAsync(() => PostAsync(facecloud.Http, name, photos[name])) is { } id)
                {
                    Assert.True(acknowledged.TryAdd(name, id));
                }
                else
                {
                    Interlocked.Increment(ref cutOff);
                    waiting.Enqueue(name);
                }
            }
        })).Append(Task.Run(async () =>
        {
            while (!isEndless && !IsOver())
            {
                await TryAsync(async () => await CountAsync(facecloud.Http, "processed"));
            }
        })));
        await killed;
        return cutOff;

        bool IsOver() => Volatile.Read(ref events) >= killAt;

        async Task<long?> TryAsync(Func<Task<long>> request)
        {
            try
            {
                var answer = request();
                Count();
                var value = await answer;
                Count();
                return value;
            }
            catch (HttpRequestException) when (IsOver())
            {
                return null;
            }
        }

        void Count()
        {
            if (Interlocked.Increment(ref events) == killAt)
            {
                killed = KillAsync();
            }
        }

        async Task KillAsync()
        {
            await facecloud.KillAsync();
            if (withDatabase)
            {
                DatabaseServer.Kill(facecloud.Data);
            }
        }
    }

    /// <returns>The photo's id.</returns>
    private static async Task<long> PostAsync(HttpClient http, string name, string path)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(await File.ReadAllBytesAsync(path)), "file", name } };
        using var response = await http.PostAsync("/api/photos", form);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == 202, $"{name}: {(int)response.StatusCode} {body}");
        return (long)JsonNode.Parse(body)!["photos"]![0]!["id"]!;
    }

    private static async Task<int> CountAsync(HttpClient http, string status) =>
        (int)JsonNode.Parse(await http.GetStringAsync($"/api/photos?limit=1&status={status}"))!["totalCount"]!;

    /// <summary>Waits for all photos, however slow the machine is: for as long as there is some progress.</summary>
    private static async Task ProcessedAsync(HttpClient http)
    {
        for (var done = 0; done < Photos;)
        {
            var before = done;
            await Eventually.BecomesTrueAsync(
                async () => (done = await CountAsync(http, "processed") + await CountAsync(http, "failed")) > before,
                $"more than {before} photos are processed");
        }

        Assert.Equal(0, await CountAsync(http, "failed"));
    }

    /// <summary>Each photo is processed and has its faces; each face has its crop and its vector; there is no other file, and nothing waits.</summary>
    private static async Task AssertWholeAsync(string data, Dictionary<string, int> expected)
    {
        var found = await FacesAsync(data);
        Assert.Equal(expected.OrderBy(photo => photo.Key, StringComparer.Ordinal), found.OrderBy(photo => photo.Key, StringComparer.Ordinal));
        await AssertNothingLeftAsync(data);
    }

    /// <summary>Each face has its crop and its vector; there is no other file but the photos, and nothing waits.</summary>
    internal static async Task AssertNothingLeftAsync(string data)
    {
        var files = await AskAsync(
            data,
            """
            SELECT replace(uuid::text, '-', ''), 'original.' || extension FROM identity.photos WHERE status = 3
            UNION ALL SELECT replace(p.uuid::text, '-', ''), 'face-' || f.ordinal || '.jpg' FROM identity.faces f JOIN identity.photos p ON p.id = f.photo_id
            """);
        Assert.Equal(files.Select(file => $"{file[0]}/{file[1]}").Order(StringComparer.Ordinal), FilesIn(data));

        var left = await AskAsync(
            data,
            """
            SELECT 'outbox', count(*)::text FROM identity.outbox
            UNION ALL SELECT 'index_changes', count(*)::text FROM identity.index_changes
            UNION ALL SELECT 'file_removals', count(*)::text FROM identity.file_removals
            UNION ALL SELECT 'faces without one vector', count(*)::text FROM identity.faces f
                WHERE (SELECT count(*) FROM identity.embeddings WHERE face_id = f.id) <> 1
            """);
        Assert.All(left, row => Assert.Equal("0", row[1]));
    }

    private static async Task<Dictionary<string, int>> FacesAsync(string data) =>
        (await AskAsync(data, "SELECT filename, (SELECT count(*) FROM identity.faces f WHERE f.photo_id = p.id)::text FROM identity.photos p WHERE status = 3"))
            .ToDictionary(row => row[0], row => int.Parse(row[1], CultureInfo.InvariantCulture));

    /// <summary>Folder and name of each file in the store.</summary>
    private static List<string> FilesIn(string data) =>
        [.. Directory.EnumerateFiles(Path.Combine(data, "files"), "*", SearchOption.AllDirectories)
            .Select(file => $"{Path.GetFileName(Path.GetDirectoryName(file))}/{Path.GetFileName(file)}").Order(StringComparer.Ordinal)];

    /// <summary>Asks the database of a program that does not run.</summary>
    internal static async Task<List<string[]>> AskAsync(string data, string sql)
    {
        await using var server = await EmbeddedPostgres.EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = data }, NullLogger.Instance);
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.ConnectionString) { Pooling = false });
#pragma warning disable CA2100 // Written above.
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string[]>();
        while (await reader.ReadAsync())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)]);
        }

        return rows;
    }

    private static string NameOf(string path) => $"{Path.GetFileName(Path.GetDirectoryName(path))}-{Path.GetFileName(path)}";
}
