using System.Text.Json.Nodes;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>What people do with FaceCloud, the same in one process and in a cluster.</summary>
[Collection<SharedCluster>]
public sealed class ScenarioTests(RunningFaceCloud facecloud, RunningCluster cluster) : IClassFixture<RunningFaceCloud>
{
    public enum Topology
    {
        OneProcess,
        Cluster,
    }

    public static TheoryData<Topology> Topologies => [.. Enum.GetValues<Topology>()];

    private static (string Name, string[] Photos)[] Somebody { get; } = [.. People.WithSeveralPhotos.Where(person => person.Photos.Length > 2).Take(3)];

    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task People_enrolled_through_one_dialect_are_known_in_all_of_them_until_they_are_removed(Topology topology)
    {
        using var http = Gallery(topology, "scenario-people");
        var (anna, ben, cleo) = (Somebody[0], Somebody[1], Somebody[2]);
        await http.AddAsync(anna.Name, anna.Photos[0]);
        await http.PostedAsync("/records", "image", ben.Photos[0], ("name", ben.Name));
        await http.PostedAsync("/register", "file", cleo.Photos[0], ("person_name", cleo.Name));

        foreach (var (name, photos) in Somebody)
        {
            Assert.Equal(name, DeviceClient.Largest(await http.RecognizeAsync(photos[1])));
            Assert.Equal(name, (string?)(await http.PostedAsync("/records/match", "image", photos[1]))["best_match"]!["name"]);
            Assert.Equal(name, (string?)Largest((await http.PostedAsync("/analyze", "file", photos[1]))["faces"]!)["identity"]);
        }

        Assert.Equal(512, (await http.EmbedAsync(anna.Photos[0]))!.Length);
        Assert.NotEqual(0, (int)(await http.DetectAsync(anna.Photos[0], landmarks: true))["count"]!);
        Assert.Equal(Somebody.Select(person => person.Name).Order(StringComparer.Ordinal), (await http.ListAsync()).Keys.Order(StringComparer.Ordinal));
        Assert.Equal(3, (int)(await http.SendAsync(HttpMethod.Get, "/stats")).Body["known_faces"]!);

        await http.OkAsync(HttpMethod.Post, "/v1/database/remove", new { name = anna.Name });
        Assert.Equal("Unknown", DeviceClient.Largest(await http.RecognizeAsync(anna.Photos[1])));
        var record = (await http.OkAsync(HttpMethod.Get, "/records"))["records"]!.AsArray().Single(one => (string?)one!["name"] == ben.Name)!;
        Assert.Equal(200, (await http.SendAsync(HttpMethod.Delete, $"/records/{record["id"]}")).Status);
        Assert.Equal([cleo.Name], (await http.ListAsync()).Keys);
        await http.OkAsync(HttpMethod.Post, "/maintenance/rebuild-index");
        Assert.Equal(cleo.Name, DeviceClient.Largest(await http.RecognizeAsync(cleo.Photos[1])));
    }

    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task Photos_are_uploaded_processed_and_curated_what_was_decided_is_undone_and_what_is_deleted_is_gone(Topology topology)
    {
        using var http = Gallery(topology, "scenario-library");
        var (anna, ben) = (Somebody[0].Photos, Somebody[1].Photos);
        var faces = new[] { await http.FaceAsync(anna[0]), await http.FaceAsync(anna[1]), await http.FaceAsync(ben[0]) };
        var (first, second) = (await http.PersonAsync("Anna"), await http.PersonAsync("Anna again"));
        await http.OkAsync(HttpMethod.Post, "/api/faces/assign", new { faceId = faces[0], personId = first });
        await http.OkAsync(HttpMethod.Post, "/api/faces/assign", new { faceId = faces[1], personId = second });
        Assert.Equal("Anna", DeviceClient.Largest(await http.RecognizeAsync(anna[0])));

        // Merged, and taken apart again.
        var before = await PeopleAsync();
        await http.OkAsync(HttpMethod.Post, $"/api/people/{first}/merge", new { sourceIds = new[] { second } });
        Assert.Equal(2, (int)(await http.OkAsync(HttpMethod.Get, $"/api/people/{first}"))["face_count"]!);
        var merge = (await http.OkAsync(HttpMethod.Get, $"/api/people/{first}/history"))["entries"]![0]!;
        Assert.Equal("merge", (string?)merge["action"]);
        await http.OkAsync(HttpMethod.Post, $"/api/history/{merge["id"]}/undo");
        Assert.Equal(before, await PeopleAsync());

        // The face most like hers is her own, and is taken from her.
        var similar = await http.OkAsync(HttpMethod.Get, $"/api/faces/{faces[0]}/similar?threshold=0.5");
        Assert.Equal([faces[1]], similar["similarFaces"]!.AsArray().Select(face => (long)face!["id"]!));
        await http.OkAsync(HttpMethod.Delete, $"/api/faces/{faces[1]}/person");

        var photo = (await http.OkAsync(HttpMethod.Get, "/api/photos?limit=1"))["photos"]![0]!;
        var crop = $"/processed/faces/face_{faces[2]}.jpg";
        using (var there = await http.GetAsync(crop, TestContext.Current.CancellationToken))
        {
            Assert.Equal((200, "image/jpeg"), ((int)there.StatusCode, there.Content.Headers.ContentType?.MediaType));
        }

        Assert.Equal(200, (await http.SendAsync(HttpMethod.Delete, $"/api/photos/{photo["id"]}")).Status);
        Assert.Equal(404, (await http.SendAsync(HttpMethod.Get, crop)).Status);
        Assert.Equal(404, (await http.SendAsync(HttpMethod.Get, $"/api/photos/{photo["id"]}")).Status);
        Assert.Equal(2, (int)(await http.OkAsync(HttpMethod.Get, "/api/photos"))["totalCount"]!);

        async Task<string> PeopleAsync() => (await http.OkAsync(HttpMethod.Get, "/api/people"))["people"]!.ToJsonString();
    }

    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task Callers_do_what_their_role_permits_in_their_own_gallery(Topology topology)
    {
        using var nobody = Gallery(topology, "scenario-access");
        using var viewer = As(topology, "viewer", "scenario-access");
        using var photographer = As(topology, "photographer", "scenario-access");
        using var elsewhere = As(topology, "photographer", "scenario-elsewhere");
        using var forger = Gallery(topology, "scenario-access");
        forger.DefaultRequestHeaders.Authorization = new("Bearer", new HandMadeToken { Role = "admin" }.SignWith(new byte[32]));

        Assert.Equal(401, (await nobody.SendAsync(HttpMethod.Get, "/api/v1/albums")).Status);
        Assert.Equal(401, (await forger.SendAsync(HttpMethod.Get, "/api/photos")).Status);
        Assert.Equal(403, (await viewer.CallAsync(HttpMethod.Post, "/api/v1/albums", new { name = "Summer" })).Status);
        var (status, album, _) = await photographer.CallAsync(HttpMethod.Post, "/api/v1/albums", new { name = "Summer" });
        Assert.Equal(201, status);
        Assert.Equal("Summer", (string?)(await viewer.OkAsync(HttpMethod.Get, $"/api/v1/albums/{album["album_id"]}"))["name"]);
        Assert.Equal(404, (await elsewhere.SendAsync(HttpMethod.Get, $"/api/v1/albums/{album["album_id"]}")).Status);
    }

    private static JsonNode Largest(JsonNode faces) => faces.AsArray().MaxBy(face => (double)face!["bbox"]!["width"]! * (double)face["bbox"]!["height"]!)!;

    private HttpClient Gallery(Topology topology, string name) => topology == Topology.Cluster ? cluster.Gallery(name) : facecloud.Gallery(name);

    private HttpClient As(Topology topology, string role, string gallery) =>
        topology == Topology.Cluster ? cluster.As(role, gallery) : facecloud.As(role, gallery);
}
