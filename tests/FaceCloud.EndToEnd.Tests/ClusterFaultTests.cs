using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Clients;
using FaceCloud.Contracts.Ports;
using FaceCloud.Testing;
using Npgsql;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>Every part of the cluster is killed while photos come in and people are recognised.</summary>
[Collection<SharedCluster>]
public sealed class ClusterFaultTests(RunningCluster cluster, ITestOutputHelper output)
{
    private const string Gallery = "faults";
    private const string Recogniser = "w600k_mbf";
    private const int Photos = 200;
    private const int Uploaders = 2;

    /// <summary>How long the broker is away, in seconds; without it, for as long as it takes to start.</summary>
    private const string BrokerAway = "FACECLOUD_BROKER_AWAY";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_is_killed_each_acknowledged_photo_is_processed_once_recognitions_answer_or_say_503_and_nobody_has_to_help()
    {
        using var http = cluster.Gallery(Gallery);
        var photos = People.All.SelectMany(person => person.Photos).Take(Photos).ToDictionary(NameOf);
        var (somebody, portraits) = People.WithSeveralPhotos.Last();
        await http.AddAsync(somebody, portraits[0]);

        using var uploads = new Uploads(photos);
        var recognitions = new Recognitions(photos, somebody, portraits[1]);
        var uploading = uploads.RunAsync(http);
        var recognising = recognitions.RunAsync(http);

        (string Name, Func<Task> Kill, Func<Task> Start)[] parts =
        [
            .. RunningCluster.Services.Append(ServiceNames.Gateway)
                .Select(service => (service, (Func<Task>)(() => cluster.KillAsync(service)), (Func<Task>)(() => cluster.StartAsync(service)))),
            ("rabbitmq", cluster.Broker.KillAsync, () => StartBrokerAsync(http, uploads, recognitions)),
            ("postgresql", () => Task.Run(cluster.KillDatabase), () => Task.CompletedTask),
        ];
        foreach (var ((name, kill, start), i) in parts.Select((part, i) => (part, i)))
        {
            // Photos are on their way when it dies, and come while it is dead.
            await uploads.LetInAsync(Photos * ((2 * i) + 1) / (2 * parts.Length));
            await kill();
            uploads.Admit(Photos * (2 * (i + 1)) / (2 * parts.Length));
            var clock = Stopwatch.StartNew();
            await start();
            var started = clock.Elapsed.TotalSeconds;
            await recognitions.AnsweredAgainAsync();
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-13} started in {started:F1} s, people recognised after {clock.Elapsed.TotalSeconds:F1} s; "
                    + $"{uploads.Acknowledged.Count} photos taken in."));
        }

        await uploading;
        var expected = await recognitions.EndAsync(recognising);
        await ProcessedAsync(http);
        output.WriteLine($"Uploads: {Photos} acknowledged, {uploads.Refused} answered 503, {uploads.CutOff} cut off. {recognitions}");

        // The database was killed: a call may meet a connection that ended with it.
        await Eventually.BecomesTrueAsync(async () => await CountAsync(http, "processed") == Photos, "all photos are processed");
        await AssertWholeAsync(expected);
        await Eventually.BecomesTrueAsync(
            async () => (await cluster.Http.GetFromJsonAsync<JsonNode>("/health", Cancel))!["status"]!.ToString() == "healthy",
            "all is well");
    }

    /// <summary>Without it photos are taken in and people recognised as ever, for however long; with it what waits is worked off.</summary>
    private async Task StartBrokerAsync(HttpClient http, Uploads uploads, Recognitions recognitions)
    {
        var away = int.TryParse(Environment.GetEnvironmentVariable(BrokerAway), CultureInfo.InvariantCulture, out var seconds) ? seconds : 0;
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var gone = 0; gone < away; gone++)
        {
            await recognitions.AnsweredAgainAsync();
            await second.WaitForNextTickAsync(Cancel);
        }

        await uploads.TakenInAsync();
        await cluster.Broker.StartAsync();
        var (clock, done) = (Stopwatch.StartNew(), await CountAsync(http, "processed"));
        await Eventually.BecomesTrueAsync(async () => await CountAsync(http, "processed") > done, "photos are processed again");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{"rabbitmq",-13} away for {away} s; {uploads.Acknowledged.Count - done} photos waited, "
                + $"the next is processed {clock.Elapsed.TotalSeconds:F1} s after it is back."));
    }

    private static string NameOf(string path) => $"{Path.GetFileName(Path.GetDirectoryName(path))}-{Path.GetFileName(path)}";

    private static async Task<int> CountAsync(HttpClient http, string status)
    {
        using var response = await http.GetAsync($"/api/photos?limit=1&status={status}", Cancel);
        return response.IsSuccessStatusCode ? (int)(await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["totalCount"]! : 0;
    }

    /// <summary>Waits for as long as there is some progress.</summary>
    private static async Task ProcessedAsync(HttpClient http)
    {
        for (var done = 0; done < Photos;)
        {
            var before = done;
            await Eventually.BecomesTrueAsync(
                async () => (done = await CountAsync(http, "processed") + await CountAsync(http, "failed")) > before,
                $"more than {before} photos are processed");
        }
    }

    /// <summary>Each photo has the faces that are in it, once, each with its crop and its vector; nothing else is there, and nothing waits.</summary>
    private async Task AssertWholeAsync(Dictionary<string, int> expected)
    {
        await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Pooling = false });
        var gallery = long.Parse(
            (await AskAsync(database, $"SELECT id::text FROM identity.galleries WHERE name = '{Gallery}'"))[0][0],
            CultureInfo.InvariantCulture);
        var faces = await AskAsync(
            database,
            $"""
             SELECT p.filename, count(f.id)::text, count(DISTINCT f.ordinal)::text, coalesce(max(f.ordinal) + 1, 0)::text, count(e.face_id)::text
             FROM identity.photos p LEFT JOIN identity.faces f ON f.photo_id = p.id LEFT JOIN identity.embeddings e ON e.face_id = f.id
             WHERE p.gallery_id = {gallery} AND p.status = 3 GROUP BY p.id, p.filename
             """);
        Assert.Equal(
            expected.Select(photo => $"{photo.Key}: {photo.Value}").Order(StringComparer.Ordinal),
            faces.Select(row => $"{row[0]}: {row[1]}").Order(StringComparer.Ordinal));
        Assert.All(faces, row => Assert.Equal((row[1], row[1], row[1]), (row[2], row[3], row[4])));

        var files = await AskAsync(
            database,
            $"""
             SELECT replace(uuid::text, '-', '') || '/original.' || extension FROM identity.photos WHERE gallery_id = {gallery}
             UNION ALL SELECT replace(p.uuid::text, '-', '') || '/face-' || f.ordinal || '.jpg'
             FROM identity.faces f JOIN identity.photos p ON p.id = f.photo_id
             WHERE p.gallery_id = {gallery}
             """);
        var stored = Directory.EnumerateFiles(cluster.Files, "*", SearchOption.AllDirectories)
            .Select(file => $"{Path.GetFileName(Path.GetDirectoryName(file))}/{Path.GetFileName(file)}").ToHashSet(StringComparer.Ordinal);
        Assert.Empty(files.Select(row => row[0]).Except(stored));

        await Eventually.BecomesTrueAsync(
            async () => (await AskAsync(
                database,
                $"""
                 SELECT ((SELECT count(*) FROM identity.outbox o JOIN identity.photos p ON p.id = o.photo_id WHERE p.gallery_id = {gallery})
                     + (SELECT count(*) FROM identity.index_changes c JOIN identity.faces f ON f.id = c.face_id WHERE f.gallery_id = {gallery}))::text
                 """))[0][0] == "0",
            "nothing waits");
        using var vectors = new HttpClient { BaseAddress = cluster.AddressOf(ServiceNames.VectorSearch) };
        Assert.Equal(expected.Values.Sum() + 1, await new HttpFaceIndex(vectors).CountAsync(Recogniser, new IndexFilter(gallery), Cancel));
    }

    private static async Task<List<string[]>> AskAsync(NpgsqlDataSource database, string sql)
    {
#pragma warning disable CA2100 // Written above.
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        var rows = new List<string[]>();
        while (await reader.ReadAsync(Cancel))
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)]);
        }

        return rows;
    }

    /// <summary>Sends a request; a refusal has to say when to come again.</summary>
    /// <returns>The answer, or null if the connection was cut off.</returns>
    private static async Task<HttpResponseMessage?> TryAsync(Func<Task<HttpResponseMessage>> send, HttpStatusCode expected)
    {
        try
        {
            var response = await send();
            if (response.StatusCode != expected)
            {
                Assert.True(
                    response.StatusCode == HttpStatusCode.ServiceUnavailable && response.Headers.RetryAfter is not null,
                    $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Cancel)}");
            }

            return response;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Clients that upload photos, each until it is acknowledged.</summary>
    private sealed class Uploads(Dictionary<string, string> photos) : IDisposable
    {
        private readonly ConcurrentQueue<string> _waiting = new(photos.Keys);
        private readonly SemaphoreSlim _admitted = new(0);
        private int _admittedSoFar;
        private int _refused;
        private int _cutOff;

        public ConcurrentDictionary<string, long> Acknowledged { get; } = [];

        public int Refused => _refused;

        public int CutOff => _cutOff;

        /// <summary>As many in all may be sent.</summary>
        public void Admit(int total)
        {
            _admitted.Release(total - _admittedSoFar);
            _admittedSoFar = total;
        }

        /// <summary>The same, and waits until most of them are acknowledged.</summary>
        public Task LetInAsync(int total)
        {
            Admit(total);
            return TakenInAsync();
        }

        /// <summary>Waits until most of those that may be sent are acknowledged.</summary>
        public Task TakenInAsync() =>
            Eventually.BecomesTrueAsync(() => Task.FromResult(Acknowledged.Count > _admittedSoFar - Uploaders), $"{_admittedSoFar} photos are taken in");

        public Task RunAsync(HttpClient http) => Task.WhenAll(Enumerable.Range(0, Uploaders).Select(_ => Task.Run(async () =>
        {
            while (_waiting.TryDequeue(out var name))
            {
                await _admitted.WaitAsync(Cancel);
                await Eventually.BecomesTrueAsync(() => TryUploadAsync(http, name), $"{name} is acknowledged");
            }
        })));

        public void Dispose() => _admitted.Dispose();

        private async Task<bool> TryUploadAsync(HttpClient http, string name)
        {
            using var form = new MultipartFormDataContent { { new ByteArrayContent(await File.ReadAllBytesAsync(photos[name], Cancel)), "file", name } };
            using var response = await TryAsync(() => http.PostAsync("/api/photos", form, Cancel), HttpStatusCode.Accepted);
            if (response is not { StatusCode: HttpStatusCode.Accepted })
            {
                Interlocked.Increment(ref response is null ? ref _cutOff : ref _refused);
                return false;
            }

            var body = (await response.Content.ReadFromJsonAsync<JsonNode>(Cancel))!;
            Assert.True(Acknowledged.TryAdd(name, (long)body["photos"]![0]!["id"]!));
            return true;
        }
    }

    /// <summary>A client that recognises one person and looks at the photos, one call after the other.</summary>
    private sealed class Recognitions(Dictionary<string, string> photos, string somebody, string portrait)
    {
        private readonly Dictionary<string, int> _faces = [];
        private readonly TaskCompletionSource _complete = new();
        private int _answered;
        private int _refused;
        private int _cutOff;
        private volatile bool _isOver;

        public Task AnsweredAgainAsync()
        {
            var before = Volatile.Read(ref _answered);
            return Eventually.BecomesTrueAsync(() => Task.FromResult(Volatile.Read(ref _answered) > before + 1), "people are recognised again");
        }

        public async Task RunAsync(HttpClient http)
        {
            var unseen = new Queue<string>(photos.Keys);
            while (!_isOver)
            {
                JsonNode? known = null;
                await Eventually.BecomesTrueAsync(async () => (known = await RecogniseAsync(http, portrait)) is not null, $"{somebody} is recognised");
                Assert.Equal(somebody, DeviceClient.Largest(known!));
                if (unseen.TryPeek(out var name) && await RecogniseAsync(http, photos[name]) is { } seen)
                {
                    _faces[name] = (int)seen["count"]!;
                    unseen.Dequeue();
                }

                if (unseen.Count == 0)
                {
                    _complete.TrySetResult();
                }
            }
        }

        /// <summary>Once every photo has been looked at.</summary>
        /// <returns>How many faces are in each.</returns>
        public async Task<Dictionary<string, int>> EndAsync(Task running)
        {
            await Task.WhenAny(_complete.Task, running);
            _isOver = true;
            await running;
            return _faces;
        }

        public override string ToString() => $"Recognitions: {_answered} answered, {_refused} answered 503, {_cutOff} cut off.";

        private async Task<JsonNode?> RecogniseAsync(HttpClient http, string photo)
        {
            using var response = await TryAsync(
                () => http.PostAsJsonAsync("/v1/recognize", new { image = DeviceClient.Image(photo) }, Cancel),
                HttpStatusCode.OK);
            if (response is not { StatusCode: HttpStatusCode.OK })
            {
                Interlocked.Increment(ref response is null ? ref _cutOff : ref _refused);
                return null;
            }

            Interlocked.Increment(ref _answered);
            return await response.Content.ReadFromJsonAsync<JsonNode>(Cancel);
        }
    }
}
