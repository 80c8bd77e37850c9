using System.Globalization;
using FaceCloud.Contracts;
using FaceCloud.EmbeddedPostgres;
using FaceCloud.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>Another recogniser than the one that the faces were embedded with: refused, until <c>models migrate</c> has embedded them again.</summary>
public sealed class RecogniserChangeTests(ITestOutputHelper output)
{
    private const string Former = "former_recogniser";
    private const string Open = "open_512";
    private const string Loaded = "w600k_mbf";

    private static readonly ParallelOptions Clients = new() { MaxDegreeOfParallelism = 2 * Environment.ProcessorCount };

    [Fact]
    public async Task Migration_from_the_open_pack_killed_three_times_ends_complete_with_all_names_and_decisions()
    {
        const int Kills = 3, Batch = 16;
        _ = TestFiles.Models;
        using var data = new DataFolder();
        var people = People.WithSeveralPhotos.Take(72).ToList();
        string[] listed;
        int named;
        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path, OpenPackTests.NoSettings))
        {
            await Parallel.ForEachAsync(people, Clients, async (person, _) => await facecloud.Http.AddAsync(person.Name, person.Photos[0]));
            var face = await facecloud.Http.FaceAsync(People.SinglePhotos.Last());
            var somebody = await facecloud.Http.PersonAsync("Somebody of the library");
            await facecloud.Http.OkAsync(HttpMethod.Post, "/api/faces/assign", new { faceId = face, personId = somebody });
            listed = await PeopleAsync(facecloud.Http);
            named = await NamedAsync(facecloud.Http, people, photo: 1);
        }

        await RefusedAsync(data.Path, Open);

        for (var kill = 0; kill < Kills; kill++)
        {
            var killed = false;
            using var migration = await CommandProcess.RunAsync(
                data.Path,
                (command, line) =>
                {
                    if (!killed && line.StartsWith("Migrate: ", StringComparison.Ordinal))
                    {
                        killed = true;
                        command.Kill();
                    }
                },
                ["models", "migrate"]);
            Assert.True(killed && migration.ExitCode != 0, $"{migration.ExitCode}: {migration.Output}{migration.Errors}");
            await RefusedAsync(data.Path, Open);
        }

        using (var migration = await CommandProcess.RunAsync(data.Path, "models", "migrate"))
        {
            output.WriteLine(migration.Output);
            Assert.True(migration.ExitCode == 0, $"{migration.ExitCode}: {migration.Output}{migration.Errors}");

            // What the killed ones did was not done again.
            var last = int.Parse(migration.Output.Split(' ')[0], CultureInfo.InvariantCulture);
            Assert.InRange(last, 1, people.Count + 1 - (Kills * Batch));
        }

        using (var again = await CommandProcess.RunAsync(data.Path, "models", "migrate"))
        {
            Assert.Equal((0, $"Nothing to be done: all faces are embedded with {Loaded}."), (again.ExitCode, again.Output.Trim()));
        }

        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path))
        {
            Assert.DoesNotContain("rebuilt", facecloud.Output, StringComparison.Ordinal);
            Assert.Equal(listed, await PeopleAsync(facecloud.Http));
            Assert.Equal(people.Count, await NamedAsync(facecloud.Http, people, photo: 0));
            var now = await NamedAsync(facecloud.Http, people, photo: 1);
            output.WriteLine($"Of {people.Count} people enrolled by one photo {named} were named in another by {Open}, {now} after the migration by {Loaded}.");
            Assert.True(now >= 0.96 * people.Count);
        }
    }

    [Fact]
    public async Task Faces_without_a_picture_are_named_or_forgotten_and_the_next_start_is_not_refused()
    {
        using var data = new DataFolder();
        var (enrolled, other) = (People.All[0], People.All[1]);
        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path))
        {
            await facecloud.Http.AddAsync(enrolled.Name, enrolled.Photos[0]);
            await facecloud.Http.AddAsync(other.Name, other.Photos[0]);
            await facecloud.Http.PostedAsync("/analyze", "file", People.SinglePhotos.Last());
        }

        await EmbeddedByAnotherAsync(data.Path);
        await SqlAsync(data.Path, "UPDATE identity.faces SET portrait_x = NULL, portrait_y = NULL, portrait_width = NULL, portrait_height = NULL WHERE id = 1");
        using (var migration = await CommandProcess.RunAsync(data.Path, "models", "migrate"))
        {
            output.WriteLine(migration.Output);
            Assert.Equal(2, migration.ExitCode);
            Assert.StartsWith($"1 face embedded with {Loaded}, 1 left behind;", migration.Output, StringComparison.Ordinal);
            Assert.Contains("1 remembered without a name is forgotten", migration.Output, StringComparison.Ordinal);
            Assert.Contains("face 1: neither its photo nor a portrait of it is kept", migration.Output, StringComparison.Ordinal);
        }

        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path))
        {
            Assert.Equal(0, (int)(await facecloud.Http.OkAsync(HttpMethod.Get, "/stats"))["unknown_faces"]!);
            Assert.Equal("Unknown", DeviceClient.Largest(await facecloud.Http.RecognizeAsync(enrolled.Photos[0])));
            Assert.Equal(other.Name, DeviceClient.Largest(await facecloud.Http.RecognizeAsync(other.Photos[0])));
        }
    }

    [Fact]
    public async Task Migration_of_a_data_folder_that_a_server_has_is_refused()
    {
        using var data = new DataFolder();
        await using var facecloud = await FaceCloudProcess.StartAsync(data.Path);
        using var migration = await CommandProcess.RunAsync(data.Path, "models", "migrate");
        Assert.Equal(1, migration.ExitCode);
        Assert.Contains("Another FaceCloud", Assert.Single(migration.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_identity_service_refuses_in_the_same_words()
    {
        _ = TestFiles.Models;
        using var data = new DataFolder();
        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path))
        {
            await facecloud.Http.AddAsync(People.All[0].Name, People.All[0].Photos[0]);
        }

        await EmbeddedByAnotherAsync(data.Path);
        await using var postgres = await DatabaseAsync(data.Path);
        var models = new Dictionary<string, string>
        {
            ["FACECLOUD_MODELS"] = TestFiles.Models,
            ["Models__AcceptLicenses"] = "noncommercial",
            [$"services__{ServiceNames.Detection}__http__0"] = "http://127.0.0.1:9", // not asked
        };
        await using var embedding = new ServiceProcess(ServiceProcess.Built("FaceCloud.Embedding"), models);
        var address = (await embedding.StartAsync()).AbsoluteUri;
        await using var identity = new ServiceProcess(ServiceProcess.Built("FaceCloud.Identity"), new Dictionary<string, string>
        {
            [$"ConnectionStrings__{ServiceNames.IdentityDb}"] = postgres.ConnectionString,
            [$"services__{ServiceNames.Embedding}__http__0"] = address,

            // Not asked before the refusal.
            [$"services__{ServiceNames.Detection}__http__0"] = address,
            [$"services__{ServiceNames.VectorSearch}__http__0"] = address,
            [$"services__{ServiceNames.Quality}__http__0"] = address,
            ["Files__Path"] = Path.Combine(data.Path, "files"),
        });
        Assert.Equal(1, await identity.RunToEndAsync());
        AssertRefusal(Assert.Single(identity.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), Former);
    }

    private static void AssertRefusal(string line, string former)
    {
        Assert.Contains($"embedded with the recogniser {former}, but {Loaded} is loaded", line, StringComparison.Ordinal);
        Assert.Contains($"Models:Recogniser={former}", line, StringComparison.Ordinal);
        Assert.Contains("facecloud models migrate", line, StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(string data, string former)
    {
        var (exitCode, all, errors) = await FaceCloudProcess.RunToEndAsync(data, new Dictionary<string, string>());
        Assert.True(exitCode == 1, $"Exit code {exitCode}:\n{all}");
        AssertRefusal(Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), former);
        Assert.DoesNotContain("   at ", all, StringComparison.Ordinal);
    }

    /// <summary>Makes of what is stored what it would be had another recogniser been loaded: vectors that this one would never give.</summary>
    private static Task EmbeddedByAnotherAsync(string data) => SqlAsync(
        data,
        $"""
         UPDATE identity.embeddings
         SET recogniser = '{Former}', vector = (SELECT array_agg(-value ORDER BY place) FROM unnest(vector) WITH ORDINALITY AS old (value, place));
         UPDATE identity.face_links SET recogniser = '{Former}';
         DELETE FROM identity.index_changes
         """);

    private static async Task SqlAsync(string data, string sql)
    {
        await using var postgres = await DatabaseAsync(data);
        await using var source = NpgsqlDataSource.Create(postgres.ConnectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static Task<EmbeddedPostgres.EmbeddedPostgres> DatabaseAsync(string data) =>
        EmbeddedPostgres.EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = data }, NullLogger.Instance);

    private static async Task<string[]> PeopleAsync(HttpClient http) =>
    [
        .. (await http.OkAsync(HttpMethod.Get, "/api/people?limit=1000"))["people"]!.AsArray()
            .Select(person => $"{person!["id"]} {person["name"]}: {person["face_count"]}").Order(StringComparer.Ordinal),
    ];

    /// <summary>How many of the people are recognised in one of their photos.</summary>
    private static async Task<int> NamedAsync(HttpClient http, IEnumerable<(string Name, string[] Photos)> people, int photo)
    {
        var named = 0;
        await Parallel.ForEachAsync(people, Clients, async (person, _) =>
        {
            if (DeviceClient.Largest(await http.RecognizeAsync(person.Photos[photo])) == person.Name)
            {
                Interlocked.Increment(ref named);
            }
        });
        return named;
    }
}
