using System.Runtime.InteropServices;
using System.Text;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;
using FaceCloud.Identity.People;
using FaceCloud.Identity.Photos;
using FaceCloud.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FaceCloud.Identity.Tests;

/// <summary>What is left of somebody who was erased, looked for in every table, the files of the vector index and the file store.</summary>
public sealed class ErasureTests(DatabaseServer databases)
{
    private const string Name = "Annabella Sorrento";
    private const string Nickname = "Annchen";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_of_an_erased_person_is_left_in_tables_index_and_files()
    {
        await using var library = await RunningLibrary.NewAsync(databases, new FakePorts());
        await library.StartAsync();
        var (anna, photo) = await KnownEverywhereAsync(library);
        var traces = await TracesAsync(library, anna);
        var others = await OthersAsync(library, anna);
        Assert.Empty(await MissingAsync(library, traces)); // it is all found while it is there

        var receipt = await EraseAsync(library, anna);

        Assert.Equal(traces.Tables.Count + traces.Files.Count + traces.Vectors.Count, (await MissingAsync(library, traces)).Count);
        Assert.Equal("complete", receipt.Status);
        Assert.Equal((2, 4, 4, 1), (receipt.Database.People, receipt.Database.Faces, receipt.Database.Embeddings, receipt.Database.Strangers));
        Assert.Equal((4, 3, 1), (receipt.Index.Vectors, receipt.Files.Pictures, receipt.Kept.Photos));
        Assert.Equal([photo.Id], receipt.Kept.PhotoIds);
        Assert.True(receipt.Database is { Denials: 1, HistoryChanges: > 0, AuditEntries: > 0 });
        Assert.Equal(others, await OthersAsync(library, anna));
    }

    [Fact]
    public async Task A_photo_that_is_processed_again_does_not_bring_an_erased_person_back()
    {
        await using var library = await RunningLibrary.NewAsync(databases, new FakePorts());
        await library.StartAsync();
        var photo = await library.AddAsync(FakePorts.File(1, "somebody"));
        await library.UntilAsync(PhotoStatus.Processed, [photo]);
        var anna = await PersonAsync(library, Name);
        await AssignAsync(library, (await library.PhotoAsync(photo.Id)).Faces[0].Id, anna);
        await EraseAsync(library, anna);

        await library.SqlAsync($"UPDATE identity.photos SET status = {(int)PhotoStatus.Stored} WHERE id = {photo.Id}");
        await library.DeliverAsync(pipeline => pipeline.DetectAsync(photo.Id, isLastAttempt: true, Cancel));
        await library.UntilAsync(PhotoStatus.Processed, [photo]);
        Assert.Empty((await library.PhotoAsync(photo.Id)).Faces);
        Assert.Equal([PhotoFiles.Original(photo.Uuid, "jpg")], FilesOf(library).Select(file => Path.GetRelativePath(library.FileFolder, file)));
    }

    [Fact]
    public async Task Somebody_who_was_only_deleted_can_be_erased_later()
    {
        await using var library = await RunningLibrary.NewAsync(databases, new FakePorts());
        await library.StartAsync();
        var (anna, _) = await KnownEverywhereAsync(library);
        var traces = await TracesAsync(library, anna);
        await TellAsync(library, (PeopleCuration people) => people.DeleteAsync("default", anna, Cancel));
        Assert.NotEqual(traces.Tables.Count + traces.Files.Count + traces.Vectors.Count, (await MissingAsync(library, traces)).Count);

        // The faces on the photo are nobody's, and were theirs when they were deleted.
        var receipt = await EraseAsync(library, anna);
        Assert.Equal((2, 1), (receipt.Database.People, receipt.Kept.Photos));
        Assert.Equal(traces.Tables.Count + traces.Files.Count + traces.Vectors.Count, (await MissingAsync(library, traces)).Count);
        await Assert.ThrowsAsync<FailureException>(() => EraseAsync(library, anna));
    }

    [Fact]
    public async Task An_erasure_is_pending_while_the_index_is_away_and_the_sweep_of_the_next_start_completes_it()
    {
        var index = new AwayIndex();
        await using var library = await RunningLibrary.NewAsync(
            databases,
            builder => builder.Services
                .AddSingleton<IFaceDetector>(new FakePorts())
                .AddSingleton<IFaceEmbedder>(new FakePorts())
                .AddSingleton<IFaceIndex>(index));
        await library.StartAsync();
        await EnrolAsync(library, Name);
        var anna = await library.WithDbAsync(db => db.People.Select(person => person.Id).SingleAsync(Cancel));
        index.IsAway = true;
        var receipt = await EraseAsync(library, anna);
        Assert.Equal(("pending", null), (receipt.Status, receipt.CompletedAt));
        Assert.NotEmpty(index.Faces);

        await library.StopAsync();
        index.IsAway = false;
        await library.StartAsync();
        await Eventually.BecomesTrueAsync(async () => (await ReceiptAsync(library, receipt.Id)).Status == "complete", "the sweep completes the erasure");
        Assert.Empty(index.Faces);
        Assert.Empty(FilesOf(library));
    }

    [Fact]
    public async Task An_erasure_is_pending_until_the_quality_service_has_confirmed_that_the_scores_are_gone()
    {
        await using var library = await RunningLibrary.NewAsync(databases, new FakePorts());
        await library.StartAsync();
        var (anna, _) = await KnownEverywhereAsync(library);
        var receipt = await EraseAloneAsync(library, anna);
        Assert.Equal(("pending", 3), (receipt.Status, receipt.Quality.Scores));
        Assert.Equal(3, (await library.WithDbAsync(db => db.Erasures.SingleAsync(Cancel))).ScoredFaces.Length);

        await ConfirmAsync(library);
        await library.StopAsync();
        await library.StartAsync();
        await Eventually.BecomesTrueAsync(async () => (await ReceiptAsync(library, receipt.Id)).Status == "complete", "the sweep completes the erasure");
        Assert.Empty((await library.WithDbAsync(db => db.Erasures.SingleAsync(Cancel))).ScoredFaces);
    }

    /// <summary>
    /// Somebody with an enrolled face, two on a photo, another who was merged into them, a stranger like them, a denial, decisions and look-ups.
    /// </summary>
    private static async Task<(long Anna, Photo Photo)> KnownEverywhereAsync(RunningLibrary library)
    {
        var photo = await library.AddAsync(FakePorts.File(3, "the group"));
        await library.UntilAsync(PhotoStatus.Processed, [photo]);
        var faces = (await library.PhotoAsync(photo.Id)).Faces.OrderBy(face => face.Ordinal).Select(face => face.Id).ToArray();
        await EnrolAsync(library, Name);
        var anna = await library.WithDbAsync(db => db.People.Where(person => person.Name == Name).Select(person => person.Id).SingleAsync(Cancel));
        var (nickname, ben) = (await PersonAsync(library, Nickname), await PersonAsync(library, "Ben"));
        await AssignAsync(library, faces[0], anna);
        await AssignAsync(library, faces[1], nickname);
        await AssignAsync(library, faces[2], anna);
        await TellAsync(library, (FaceCuration curation) => curation.ReassignAsync("default", faces[2], anna, ben, null, $"This is not {Name}", Cancel));
        await TellAsync(library, (PeopleCuration people) => people.MergeAsync("default", anna, [nickname], Cancel));
        await library.WithDbAsync(async db =>
        {
            var enrolled = await db.Faces.Include(face => face.Embeddings).AsNoTracking()
                .SingleAsync(face => face.PersonId == anna && face.PhotoId == null, Cancel);
            var stranger = new Stranger { GalleryId = enrolled.GalleryId, FirstSeen = DateTime.UtcNow, LastSeen = DateTime.UtcNow, DetectionCount = 1 };
            db.Strangers.Add(stranger);
            await db.SaveChangesAsync(Cancel);
            db.Faces.Add(new Face
            {
                GalleryId = enrolled.GalleryId,
                StrangerId = stranger.Id,
                Box = enrolled.Box,
                Landmarks = enrolled.Landmarks,
                Detector = enrolled.Detector,
                Embeddings = { new Data.Embedding { Recogniser = enrolled.Embeddings[0].Recogniser, Vector = enrolled.Embeddings[0].Vector } },
            });
            return await db.SaveChangesAsync(Cancel);
        });
        var uuid = await library.WithDbAsync(db => db.People.Where(person => person.Id == anna).Select(person => person.Uuid).SingleAsync(Cancel));
        await TellAsync(library, (Audit.AuditTrail trail) => trail.LookedUpAsync("device", "default", [uuid], Cancel));
        await library.WithDbAsync(db => db.Database.ExecuteSqlRawAsync("ANALYZE", Cancel));
        return (anna, photo);
    }

    private static async Task EnrolAsync(RunningLibrary library, string name)
    {
        await using var scope = library.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Enrolment>().EnrolAsync(
            new EnrolmentRequest("device", "default", name, FakePorts.File(1, name), Metadata: $$"""{"called":"{{name}}"}"""), Cancel);
    }

    private static async Task<long> PersonAsync(RunningLibrary library, string name)
    {
        await using var scope = library.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<PeopleCuration>().CreateAsync("default", name, Cancel)).Id;
    }

    private static Task AssignAsync(RunningLibrary library, long face, long person) =>
        TellAsync(library, (FaceCuration curation) => curation.AssignAsync("default", face, person, Cancel));

    private static async Task TellAsync<TService>(RunningLibrary library, Func<TService, Task> tell)
        where TService : notnull
    {
        await using var scope = library.Services.CreateAsyncScope();
        await tell(scope.ServiceProvider.GetRequiredService<TService>());
    }

    private static async Task<ErasureReceipt> EraseAsync(RunningLibrary library, long person)
    {
        var erasure = EraseAloneAsync(library, person);
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                await ConfirmAsync(library);
                return erasure.IsCompleted;
            },
            "the quality service has followed");

        // It may have ended, for want of the index, just after the last look.
        await ConfirmAsync(library);
        return await erasure;
    }

    /// <summary>The quality service is away.</summary>
    private static async Task<ErasureReceipt> EraseAloneAsync(RunningLibrary library, long person)
    {
        await using var scope = library.Services.CreateAsyncScope();
        var galleryId = await scope.ServiceProvider.GetRequiredService<IdentityDb>().Galleries.Select(gallery => gallery.Id).SingleAsync(Cancel);
        return await ReceiptAsync(library, await scope.ServiceProvider.GetRequiredService<PersonErasure>().EraseAsync(galleryId, person, Cancel));
    }

    /// <summary>As the quality service does when it has deleted what is gone.</summary>
    private static async Task ConfirmAsync(RunningLibrary library)
    {
        await using var scope = library.Services.CreateAsyncScope();
        var directory = scope.ServiceProvider.GetRequiredService<IFaceDirectory>();
        await directory.ConfirmAsync([.. (await directory.ChangesAsync(1000, Cancel)).Select(change => change.Id)], Cancel);
    }

    private static Task<ErasureReceipt> ReceiptAsync(RunningLibrary library, Guid id) => library.WithDbAsync(async db =>
        await ErasureReceipt.OfAsync(db, await db.Galleries.Select(gallery => gallery.Id).SingleAsync(Cancel), id, Cancel));

    /// <summary>What must not be found any more.</summary>
    private static Task<Traces> TracesAsync(RunningLibrary library, long anna) => library.WithDbAsync(async db =>
    {
        var faces = await db.Faces.Include(face => face.Embeddings).AsNoTracking().Where(face => face.PersonId == anna).ToListAsync(Cancel);
        var keys = await FaceFiles.PicturesAsync(db, [.. faces.Select(face => face.Id)], Cancel);
        var merged = await db.LedgerChanges.Where(change => change.Before!.Contains(Nickname)).Select(change => change.Before!).FirstAsync(Cancel);
        var vectors = faces.SelectMany(face => face.Embeddings).Select(embedding => embedding.Vector).ToList();
        var texts = await db.Database.SqlQuery<string>(
            $"""SELECT vector::text AS "Value" FROM identity.embeddings JOIN identity.faces ON face_id = id WHERE person_id = {anna}""").ToListAsync(Cancel);
        return new Traces(
            [
                Name, Nickname, "annabella", "annchen", JsonUuid(merged),
                (await db.People.Where(person => person.Id == anna).Select(person => person.Uuid).SingleAsync(Cancel)).ToString(),
                .. faces.Select(face => face.Uuid.ToString()).Take(1), .. texts,
            ],
            [.. vectors.Select(vector => MemoryMarshal.AsBytes<float>(vector).ToArray())],
            [.. keys.Select(picture => File.ReadAllBytes(Path.Combine(library.FileFolder, picture.Key)))]);
    });

    private static string JsonUuid(string state) => System.Text.Json.Nodes.JsonNode.Parse(state)!["uuid"]!.GetValue<string>();

    /// <summary>What stays: the faces of others, and whose they are.</summary>
    private static Task<List<string>> OthersAsync(RunningLibrary library, long anna) => library.WithDbAsync(db =>
        db.Faces.Where(face => face.PersonId != anna && face.StrangerId == null).OrderBy(face => face.Id)
            .Select(face => $"{face.Id} of {face.PersonId}").ToListAsync(Cancel));

    /// <summary>Those of the traces that are nowhere.</summary>
    private static async Task<List<string>> MissingAsync(RunningLibrary library, Traces traces)
    {
        var tables = await DumpAsync(library);
        var index = Directory.EnumerateFiles(Path.Combine(Path.GetDirectoryName(library.FileFolder)!, "index"), "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "lock").Select(ReadShared).ToList();
        var files = FilesOf(library).Select(File.ReadAllBytes).ToList();
        Assert.NotEmpty(index);
        return
        [
            .. traces.Tables.Where(text => !tables.Contains(text, StringComparison.Ordinal)),
            .. traces.Vectors.Where(vector => !index.Any(file => file.AsSpan().IndexOf(vector) >= 0)).Select(_ => "a vector"),
            .. traces.Files.Where(picture => !files.Any(file => file.AsSpan().IndexOf(picture) >= 0)).Select(_ => "a picture"),
        ];
    }

    /// <summary>Every row of every table as text, the samples in PostgreSQL's statistics among them.</summary>
    private static Task<string> DumpAsync(RunningLibrary library) => library.WithDbAsync(async db =>
    {
        var dump = new StringBuilder();
        var names = await db.Database.SqlQuery<string>(
            $"""
             SELECT format('%I.%I', nspname, relname) AS "Value" FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
             WHERE (relkind IN ('r', 'm') OR relname = 'pg_stats') AND has_table_privilege(pg_class.oid, 'SELECT')
             """).ToListAsync(Cancel);
        Assert.Superset(new HashSet<string> { "identity.people", "identity.embeddings", "identity.audit", "pg_catalog.pg_stats" }, names.ToHashSet());
        foreach (var name in names)
        {
#pragma warning disable EF1002 // The database quoted the name itself.
            var rows = await db.Database.SqlQueryRaw<string>($"""SELECT t::text AS "Value" FROM {name} t""").ToListAsync(Cancel);
#pragma warning restore EF1002
            rows.ForEach(row => dump.AppendLine(row));
        }

        return dump.ToString();
    });

    private static List<string> FilesOf(RunningLibrary library) =>
        Directory.Exists(library.FileFolder) ? [.. Directory.EnumerateFiles(library.FileFolder, "*", SearchOption.AllDirectories)] : [];

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private sealed record Traces(List<string> Tables, List<byte[]> Vectors, List<byte[]> Files);

    /// <summary>An index that a test can look into, and that may be away.</summary>
    private sealed class AwayIndex : IFaceIndex
    {
        private readonly MemoryIndex _index = new();

        public bool IsAway { get; set; }

        public Dictionary<long, long?> Faces => _index.People(1);

        public Task UpsertAsync(string recogniser, IReadOnlyList<IndexedFace> faces, CancellationToken cancellationToken) =>
            Reached.UpsertAsync(recogniser, faces, cancellationToken);

        public Task DeleteAsync(string recogniser, IReadOnlyList<long> faceIds, CancellationToken cancellationToken) =>
            Reached.DeleteAsync(recogniser, faceIds, cancellationToken);

        public Task<IReadOnlyList<IReadOnlyList<Neighbour>>> SearchAsync(
            string recogniser, IReadOnlyList<FaceEmbedding> probes, int limit, IndexFilter filter, CancellationToken cancellationToken) =>
            Reached.SearchAsync(recogniser, probes, limit, filter, cancellationToken);

        public Task<long> CountAsync(string recogniser, IndexFilter filter, CancellationToken cancellationToken) =>
            Reached.CountAsync(recogniser, filter, cancellationToken);

        public Task<long> RebuildAsync(string recogniser, IAsyncEnumerable<IndexedFace> faces, CancellationToken cancellationToken) =>
            Reached.RebuildAsync(recogniser, faces, cancellationToken);

        private MemoryIndex Reached => IsAway ? throw new FailureException(Failure.Unavailable, "The index does not answer.") : _index;
    }
}
