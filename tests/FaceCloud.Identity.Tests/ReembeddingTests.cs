using FaceCloud.Contracts;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Photos;
using FaceCloud.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FaceCloud.Identity.Tests;

/// <summary>What happens to stored faces when another recogniser is loaded.</summary>
public sealed class ReembeddingTests(DatabaseServer databases)
{
    private const string Former = "fake-recogniser";
    private const string Another = "another-recogniser";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_start_is_refused_until_all_faces_are_embedded_and_then_everything_is_of_the_new_recogniser()
    {
        var ports = new FakePorts();
        await using var library = await RunningLibrary.NewAsync(databases, ports);
        await FillAsync(library);
        var decided = await DecisionsAsync(library);
        await library.StopAsync();

        ports.RecogniserName = Another;
        var refusal = await Assert.ThrowsAsync<FailureException>(library.StartAsync);
        Assert.StartsWith(
            "15 faces were embedded with the recogniser fake-recogniser, but another-recogniser is loaded",
            refusal.Message,
            StringComparison.Ordinal);
        Assert.Contains("Models:Recogniser=fake-recogniser", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("facecloud models migrate", refusal.Message, StringComparison.Ordinal);
        await library.StopAsync();

        var counted = (Found: 0L, Advanced: 0);
        var report = await library.Services.ReembedAsync(found => counted.Found = found, by => counted.Advanced += by, Cancel);
        Assert.Equal((15, 15), counted);
        Assert.Equal((Another, 15, 0, true), (report.Recogniser, report.Embedded, report.StrangersForgotten, report.Switched));
        Assert.Empty(report.LeftBehind);
        Assert.Equal(decided, await DecisionsAsync(library));
        Assert.Equal([Another], await library.WithDbAsync(db => db.Embeddings.Select(embedding => embedding.Recogniser).Distinct().ToListAsync()));
        Assert.Equal((0, 15), (await IndexedAsync(library, Former), await IndexedAsync(library, Another)));

        await library.StopAsync();
        await library.StartAsync();
        await Eventually.BecomesTrueAsync(
            () => library.WithDbAsync(async db => !await db.GroupChanges.AnyAsync() && await db.Faces.CountAsync(face => face.GroupId != null) == 10),
            "the ten faces that are nobody's are grouped anew");
        Assert.Equal([Another], await library.WithDbAsync(db => db.FaceLinks.Select(link => link.Recogniser).Distinct().ToListAsync()));

        var again = await library.Services.ReembedAsync(_ => { }, _ => { }, Cancel);
        Assert.Equal((0, false), (again.Embedded, again.Switched));
    }

    [Fact]
    public async Task Ended_midway_it_goes_on_where_it_was_and_the_former_recogniser_may_still_be_used()
    {
        var ports = new FakePorts();
        await using var library = await RunningLibrary.NewAsync(databases, ports);
        await library.StartAsync();
        var photos = new List<Photo>();
        for (var i = 0; i < 40; i++)
        {
            photos.Add(await library.AddAsync(FakePorts.File(3, $"person {i}")));
        }

        await library.UntilAsync(PhotoStatus.Processed, photos);
        await library.StopAsync();

        ports.RecogniserName = Another;
        using var end = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => library.Services.ReembedAsync(_ => { }, _ => end.Cancel(), end.Token));
        var done = await library.WithDbAsync(db => db.Embeddings.CountAsync(embedding => embedding.Recogniser == Another));
        Assert.InRange(done, 1, 119);
        Assert.Equal(120, await library.WithDbAsync(db => db.Embeddings.CountAsync(embedding => embedding.Recogniser == Former)));
        Assert.StartsWith($"{120 - done} faces", (await Assert.ThrowsAsync<FailureException>(library.StartAsync)).Message, StringComparison.Ordinal);
        await library.StopAsync();

        ports.RecogniserName = Former;
        await library.StartAsync();
        await library.StopAsync();

        ports.RecogniserName = Another;
        var rest = await library.Services.ReembedAsync(_ => { }, _ => { }, Cancel);
        Assert.Equal(120 - done, rest.Embedded);
        Assert.Equal((0, 120), (await IndexedAsync(library, Former), await IndexedAsync(library, Another)));
    }

    [Fact]
    public async Task What_cannot_be_embedded_is_named_with_the_reason_keeps_what_it_has_and_does_not_hold_up_a_start()
    {
        var ports = new FakePorts();
        await using var library = await RunningLibrary.NewAsync(databases, ports);
        var (photos, enrolled) = await FillAsync(library);
        await library.SqlAsync(
            $"""
             WITH stranger AS (
                 INSERT INTO identity.strangers (gallery_id, first_seen, last_seen, detection_count)
                 SELECT id, now(), now(), 1 FROM identity.galleries RETURNING id, gallery_id
             ), face AS (
                 INSERT INTO identity.faces (uuid, gallery_id, stranger_id, box_x, box_y, box_width, box_height, landmarks, confidence, detector)
                 SELECT gen_random_uuid(), gallery_id, id, 0, 0, 9, 9, ARRAY[]::real[], 1, 'test' FROM stranger RETURNING id
             )
             INSERT INTO identity.embeddings (face_id, recogniser, vector) SELECT id, {Former}, array_fill(0.25::real, ARRAY[16]) FROM face
             """);
        await library.SqlAsync(
            $"UPDATE identity.faces SET portrait_x = NULL, portrait_y = NULL, portrait_width = NULL, portrait_height = NULL WHERE id = {enrolled[0]}");
        var files = library.Services.GetRequiredService<Files.IFileStore>();
        var withoutFile = await library.WithDbAsync(db => db.Faces.Where(face => face.Id == enrolled[1]).Select(face => face.Uuid).SingleAsync());
        await files.DeleteAsync(FaceFiles.Portrait(withoutFile), Cancel);
        await files.DeleteAsync(PhotoFiles.Folder(photos[0].Uuid), Cancel);
        using (var other = new MemoryStream(FakePorts.File(1, "somebody else")))
        {
            await files.WriteAsync(PhotoFiles.Original(photos[1].Uuid, "jpg"), other, Cancel);
        }

        await library.StopAsync();
        ports.RecogniserName = Another;
        var report = await library.Services.ReembedAsync(_ => { }, _ => { }, Cancel);

        Assert.Equal((8, 1), (report.Embedded, report.StrangersForgotten));
        Assert.Equal(
            new SortedDictionary<string, int>
            {
                ["its photo is missing"] = 3,
                ["its photo shows no face at its place"] = 2,
                ["its portrait is missing"] = 1,
                ["neither its photo nor a portrait of it is kept"] = 1,
            },
            new SortedDictionary<string, int>(report.LeftBehind.CountBy(face => face.Reason).ToDictionary()));
        var former = await library.WithDbAsync(db => db.Embeddings.Where(embedding => embedding.Recogniser == Former && embedding.LeftBehind)
            .OrderBy(embedding => embedding.FaceId).Select(embedding => embedding.FaceId).ToListAsync());
        Assert.Equal(report.LeftBehind.Select(face => face.FaceId), former);
        Assert.False(await library.WithDbAsync(db => db.Strangers.AnyAsync()));

        await library.StopAsync();
        await library.StartAsync();
        Assert.Equal((report.LeftBehind.Count, 8), (await IndexedAsync(library, Former), await IndexedAsync(library, Another)));
        var again = await library.Services.ReembedAsync(_ => { }, _ => { }, Cancel);
        Assert.Equal((0, false, report.LeftBehind.Count), (again.Embedded, again.Switched, again.LeftBehind.Count));
    }

    [Fact]
    public async Task A_service_whose_embedding_service_comes_later_starts_and_stops_when_it_learns_that_the_recogniser_is_another()
    {
        var ports = new FakePorts();
        await using var library = await RunningLibrary.NewAsync(databases, ports);
        await FillAsync(library);
        await library.StopAsync();

        ports.RecogniserName = Another;
        ports.IsAway = true;
        await library.StartAsync();
        var stopping = library.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        Assert.False(stopping.IsCancellationRequested);
        ports.IsAway = false;
        await Eventually.BecomesTrueAsync(() => Task.FromResult(stopping.IsCancellationRequested), "the service is told to stop");
        Assert.Equal(1, Environment.ExitCode);
        Environment.ExitCode = 0; // that of this test's process
    }

    /// <summary>Twelve faces in four photos, two of them of one person, and three enrolled ones.</summary>
    private static async Task<(List<Photo> Photos, List<long> Enrolled)> FillAsync(RunningLibrary library)
    {
        await library.StartAsync();
        var photos = new List<Photo>();
        for (var i = 0; i < 4; i++)
        {
            photos.Add(await library.AddAsync(FakePorts.File(3, $"person {i}")));
        }

        await library.UntilAsync(PhotoStatus.Processed, photos);
        var enrolled = new List<long>();
        foreach (var name in new[] { "Anna", "Ben", "Chris" })
        {
            await using var scope = library.Services.CreateAsyncScope();
            var added = await scope.ServiceProvider.GetRequiredService<Enrolment>().EnrolAsync(
                new EnrolmentRequest("device", "default", name, FakePorts.File(1, name)), Cancel);
            enrolled.Add(added.Face.Id);
        }

        var faces = (await library.PhotoAsync(photos[3].Id)).Faces.Select(face => face.Id).Take(2).ToList();
        var anna = await library.WithDbAsync(db => db.People.Where(person => person.Name == "Anna").Select(person => person.Id).SingleAsync());
        await using (var scope = library.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<Library.FaceCuration>().AssignManyAsync(
                "default", faces, anna, null, new Origin("library", LedgerAction.Assign), Cancel);
        }

        return (photos, enrolled);
    }

    private static Task<List<string>> DecisionsAsync(RunningLibrary library) => library.WithDbAsync(db => (
        from face in db.Faces
        join person in db.People on face.PersonId equals person.Id
        orderby face.Id
        select face.Id + " " + person.Name + " " + face.AssignedBy).ToListAsync());

    private static async Task<long> IndexedAsync(RunningLibrary library, string recogniser) =>
        await library.Services.GetRequiredService<IFaceIndex>().CountAsync(
            recogniser, new IndexFilter(await library.WithDbAsync(db => db.Galleries.Select(gallery => gallery.Id).SingleAsync())), Cancel);
}
