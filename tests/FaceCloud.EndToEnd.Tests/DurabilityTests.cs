using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>What was acknowledged survives <c>kill -9</c>, of the program and of its database server; what was not is there whole or not at all.</summary>
public sealed class DurabilityTests(ITestOutputHelper output)
{
    private const int Clients = 4;

    /// <summary>A person, the photo that was sent and what came of it.</summary>
    private enum Fate
    {
        Unanswered,
        Acknowledged,
        Refused,
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_kill_between_two_enrolments_loses_neither(bool withDatabase)
    {
        using var data = new DataFolder();
        var (first, second) = (People.All[0], People.All[1]);
        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path))
        {
            await facecloud.Http.AddAsync(first.Name, first.Photos[0]);
            await KillAsync(facecloud, withDatabase);
        }

        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path))
        {
            Assert.Equal(new Dictionary<string, int> { [first.Name] = 1 }, await facecloud.Http.ListAsync());
            await facecloud.Http.AddAsync(second.Name, second.Photos[0]);
            await KillAsync(facecloud, withDatabase);
        }

        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path))
        {
            Assert.Equal(new Dictionary<string, int> { [first.Name] = 1, [second.Name] = 1 }, await facecloud.Http.ListAsync());
            Assert.Equal(first.Name, DeviceClient.Largest(await facecloud.Http.RecognizeAsync(first.Photos[0])));
            Assert.Equal(second.Name, DeviceClient.Largest(await facecloud.Http.RecognizeAsync(second.Photos[0])));
        }
    }

    [Fact]
    public async Task Twenty_random_kills_during_a_stream_of_enrolments_lose_nothing_acknowledged_and_leave_nothing_half_made()
    {
        const int Kills = 20;
        var random = new Random(20);
        using var data = new DataFolder();
        var waiting = new ConcurrentQueue<string>(People.All.Select(person => person.Name));
        var fates = new ConcurrentDictionary<string, Fate>();
        var unanswered = new List<string>();
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var facecloud = await StartAsync(data, fates, unanswered);
            var withDatabase = kill % 3 == 2;
            await StreamAsync(waiting, fates, random.Next(10, 60), "/v1/database/add", facecloud, withDatabase);
        }

        await using (var facecloud = await StartAsync(data, fates, unanswered))
        {
            var listed = await facecloud.Http.ListAsync();
            var sample = listed.Keys.Order(StringComparer.Ordinal).Where((_, i) => i % 4 == 0).ToList();
            foreach (var name in sample)
            {
                Assert.Equal(name, DeviceClient.Largest(await facecloud.Http.RecognizeAsync(Photo(name))));
            }

            output.WriteLine(
                $"{Kills} kills: {fates.Count} enrolments sent, {Count(Fate.Acknowledged)} acknowledged, {Count(Fate.Refused)} refused, "
                + $"{Count(Fate.Unanswered)} cut off, of which {unanswered.Count(listed.ContainsKey)} are there whole; {sample.Count} photos recognised.");
            Assert.True(Count(Fate.Acknowledged) >= 100);
            await facecloud.StopAsync();
        }

        // A start compares the index with the database, and this one has no kill before it that could excuse a difference.
        await using (await StartAsync(data, fates, unanswered))
        {
        }

        int Count(Fate fate) => fates.Count(sent => sent.Value == fate);
    }

    [Fact]
    public async Task Random_kills_during_a_stream_of_removals_bring_nobody_back_and_take_nobody_else()
    {
        var random = new Random(5);
        using var data = new DataFolder();
        var people = People.All.Take(60).Select(person => person.Name).ToList();
        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path))
        {
            await Parallel.ForEachAsync(people, async (name, _) => await facecloud.Http.AddAsync(name, Photo(name)));
        }

        var waiting = new ConcurrentQueue<string>(people);
        var fates = new ConcurrentDictionary<string, Fate>();
        for (var kill = 0; kill <= 5; kill++)
        {
            await using var facecloud = await FaceCloudProcess.StartAsync(data.Path);
            Assert.DoesNotContain("rebuilt", facecloud.Output, StringComparison.Ordinal);
            var listed = await facecloud.Http.ListAsync();
            Assert.All(people, name =>
            {
                var fate = fates.TryGetValue(name, out var sent) ? sent : (Fate?)null;
                Assert.Equal(fate is Fate.Acknowledged ? 0 : 1, listed.TryGetValue(name, out var count) ? count : fate is Fate.Unanswered ? 1 : 0);
            });
            foreach (var name in fates.Keys.Where(name => !listed.ContainsKey(name)))
            {
                Assert.NotEqual(name, DeviceClient.Largest(await facecloud.Http.RecognizeAsync(Photo(name), threshold: 0)));
            }

            if (kill < 5)
            {
                await StreamAsync(waiting, fates, random.Next(5, 16), "/v1/database/remove", facecloud, withDatabase: kill % 2 == 1);
            }
        }

        output.WriteLine($"5 kills: {fates.Count} removals sent, {fates.Count(sent => sent.Value == Fate.Acknowledged)} acknowledged.");
    }

    [Fact]
    public async Task A_database_server_killed_under_the_program_comes_back_and_requests_in_between_are_answered_503()
    {
        using var data = new DataFolder();
        await using var facecloud = await FaceCloudProcess.StartAsync(data.Path);
        var people = People.All.Take(200).Select(person => person.Name).ToList();
        var acknowledged = new List<string>();
        var refused = 0;
        foreach (var name in people)
        {
            if (acknowledged.Count == 5 && refused == 0)
            {
                DatabaseServer.Kill(data.Path);
            }

            using var response = await SendAsync(facecloud.Http, "/v1/database/add", name);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                acknowledged.Add(name);
            }
            else
            {
                Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
                Assert.NotNull(response.Headers.RetryAfter);
                refused++;
            }

            if (acknowledged.Count == 10)
            {
                break;
            }
        }

        output.WriteLine($"{refused} requests met the database away.");
        Assert.InRange(refused, 1, people.Count);
        Assert.Equal(10, acknowledged.Count);
        var listed = await facecloud.Http.ListAsync();
        foreach (var name in acknowledged)
        {
            Assert.Equal(1, listed[name]);
            Assert.Equal(name, DeviceClient.Largest(await facecloud.Http.RecognizeAsync(Photo(name))));
        }
    }

    /// <summary>Starts the program and holds what it kept against what it acknowledged.</summary>
    /// <param name="data">The folder.</param>
    /// <param name="fates">Of everybody sent so far.</param>
    /// <param name="examined">Those unanswered whose photos have been tried; added to.</param>
    private static async Task<FaceCloudProcess> StartAsync(DataFolder data, ConcurrentDictionary<string, Fate> fates, List<string> examined)
    {
        var facecloud = await FaceCloudProcess.StartAsync(data.Path);
        try
        {
            // What a kill leaves between database and index is taken up by notes; a rebuild would mean that some were missing.
            Assert.DoesNotContain("rebuilt", facecloud.Output, StringComparison.Ordinal);
            var listed = await facecloud.Http.ListAsync();
            Assert.All(listed, person => Assert.Equal(1, person.Value));
            Assert.All(listed.Keys, name => Assert.True(fates.TryGetValue(name, out var fate) && fate != Fate.Refused, $"{name} was never enrolled."));
            Assert.All(fates, sent => Assert.True(
                sent.Value != Fate.Acknowledged || listed.ContainsKey(sent.Key), $"{sent.Key} was acknowledged and is gone."));
            foreach (var name in fates.Where(sent => sent.Value == Fate.Unanswered).Select(sent => sent.Key).Except(examined).ToList())
            {
                Assert.Equal(listed.ContainsKey(name), DeviceClient.Largest(await facecloud.Http.RecognizeAsync(Photo(name))) == name);
                examined.Add(name);
            }

            return facecloud;
        }
        catch
        {
            await facecloud.DisposeAsync();
            throw;
        }
    }

    /// <summary>Several clients send one name after the other; the program is killed at the given event, counting what is sent and what is answered.</summary>
    private static async Task StreamAsync(
        ConcurrentQueue<string> names, ConcurrentDictionary<string, Fate> fates, int killAt, string path, FaceCloudProcess facecloud, bool withDatabase)
    {
        var events = 0;
        var killed = Task.CompletedTask;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            while (Volatile.Read(ref events) < killAt && names.TryDequeue(out var name))
            {
                fates[name] = Fate.Unanswered;
                try
                {
                    var answer = SendAsync(facecloud.Http, path, name);
                    Count();
                    using var response = await answer;
                    await response.Content.ReadAsStringAsync();
                    Assert.Contains((int)response.StatusCode, new[] { 200, 400 });
                    fates[name] = response.IsSuccessStatusCode ? Fate.Acknowledged : Fate.Refused;
                    Count();
                }
                catch (HttpRequestException) when (Volatile.Read(ref events) >= killAt)
                {
                }
            }
        })));
        Assert.True(events >= killAt, "There were too few people for this kill.");
        await killed;

        void Count()
        {
            if (Interlocked.Increment(ref events) == killAt)
            {
                killed = KillAsync(facecloud, withDatabase);
            }
        }
    }

    private static async Task KillAsync(FaceCloudProcess facecloud, bool withDatabase)
    {
        await facecloud.KillAsync();
        if (withDatabase)
        {
            Assert.NotEmpty(DatabaseServer.Processes(facecloud.Data));
            DatabaseServer.Kill(facecloud.Data);
        }
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient http, string path, string name) =>
        http.PostAsync(path, JsonContent.Create(new JsonObject { ["name"] = name, ["image"] = DeviceClient.Image(Photo(name)) }));

    private static string Photo(string name) => People.All.First(person => person.Name == name).Photos[0];
}
