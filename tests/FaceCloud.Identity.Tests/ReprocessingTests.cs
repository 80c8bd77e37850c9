using System.Collections.Concurrent;
using System.Numerics.Tensors;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Files;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Jobs;
using FaceCloud.Identity.Library;
using FaceCloud.Identity.People;
using FaceCloud.Identity.Photos;
using FaceCloud.Identity.Pipeline;
using FaceCloud.Identity.Reprocessing;
using FaceCloud.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FaceCloud.Identity.Tests;

/// <summary>What becomes of photos that are looked at again, and of the job that does it, whatever happens meanwhile.</summary>
public sealed class ReprocessingTests(DatabaseServer databases)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Faces_that_are_found_again_keep_what_was_decided_and_become_what_was_found_and_others_go_unless_a_user_decided()
    {
        var ports = new FakePorts();
        await using var library = await RunningLibrary.NewAsync(databases, ports);
        await library.StartAsync();
        var photo = await ProcessedAsync(library, 6, "us");
        await ProcessedAsync(library, 3, "others");
        var before = await FacesAsync(library, photo);
        var (anna, ben) = (await PersonAsync(library, "Anna"), await PersonAsync(library, "Ben"));
        await CurateAsync(library, faces => faces.AssignAsync("default", before[0].Id, anna, Cancel));
        await CurateAsync(library, faces => faces.MarkAsync("default", before[1].Id, FaceMark.Unknown, Cancel));
        await ConcludeAsync(library, before[2], ben, assign: false);
        await CurateAsync(library, faces => faces.RejectAsync("default", before[2].Id, Cancel));
        await ConcludeAsync(library, before[3], ben, assign: false);
        await ConcludeAsync(library, before[4], ben, assign: true);
        before = await FacesAsync(library, photo);
        var assignment = await library.WithDbAsync(db =>
            db.Ledger.Where(entry => entry.Action == LedgerAction.Assign).Select(entry => entry.Id).SingleAsync(Cancel));
        await GroupedAsync(library);

        // Another detector moves all boxes, loses the faces 1, 3 and 4, and finds one more; another crop has another vector.
        ports.Sees = faces => faces.Count < 6
            ? faces
            : [Other(faces[0], 0), Other(faces[2], 2), Other(faces[5], 5), Other(faces[5] with { Box = new FaceBox(300, 20, 30, 40) }, 6)];
        await SucceededAsync(library, await BeginAsync(library));

        var after = await FacesAsync(library, photo);
        Assert.Equal([before[1].Id, before[0].Id, before[2].Id, before[5].Id], after[..4].Select(face => face.Id));
        Assert.Equal([1, 6, 7, 8, 9], after.Select(face => face.Ordinal!.Value));
        var (marked, kept) = (after[0], after[1..4]);
        Assert.Equal((before[1].Uuid, before[1].Box, 31f, 0.9f), (marked.Uuid, marked.Box, marked.Age!.Value, marked.Confidence));
        Assert.Equal(before[1].Embeddings[0].Vector, marked.Embeddings[0].Vector);
        foreach (var (face, i) in kept.Zip([0, 2, 5]))
        {
            var former = before[i];
            Assert.Equal((former.Uuid, FaceState.Of(former), former.SeenAt, former.CreatedAt), (face.Uuid, FaceState.Of(face), face.SeenAt, face.CreatedAt));
            Assert.Equal((former.Box with { X = former.Box.X + 2, Y = 21 }, 50f + i, 0.7f), (face.Box, face.Age!.Value, face.Confidence));
            Assert.NotEqual(former.Embeddings[0].Vector, face.Embeddings[0].Vector);
        }

        Assert.Equal((300 + 2, null), (after[4].Box.X, after[4].PersonId));
        Assert.Equal(
            [(before[2].Id, ben)],
            await library.WithDbAsync(async db =>
                (await db.Negatives.ToListAsync(Cancel)).Select(negative => (negative.FaceId, negative.PersonId))));
        await library.AssertWholeAsync();
        await GroupedAsync(library);

        // The history says which faces went; what was decided before about those that are left can still be undone.
        var entry = await library.WithDbAsync(db => db.Ledger.Include(row => row.Changes).SingleAsync(row => row.Action == LedgerAction.Reprocess, Cancel));
        Assert.Equal([before[3].Id, before[4].Id], entry.Changes.Where(change => change.FaceId is not null).Select(change => change.FaceId!.Value));
        Assert.All(entry.Changes.Where(change => change.FaceId is not null), change => Assert.Null(change.After));
        await UndoAsync(library, assignment);
        Assert.Null((await FacesAsync(library, photo))[1].PersonId);
        Assert.Equal(Failure.Conflict, (await Assert.ThrowsAsync<FailureException>(() => UndoAsync(library, entry.Id))).Failure);
    }

    [Fact]
    public async Task Looked_at_again_by_the_same_networks_nothing_changes_but_the_names_of_crops()
    {
        await using var library = await RunningLibrary.NewAsync(databases, new FakePorts());
        await library.StartAsync();
        var photo = await ProcessedAsync(library, 3, "us");
        await GroupedAsync(library);
        var before = await FacesAsync(library, photo);
        for (var round = 1; round <= 2; round++)
        {
            await SucceededAsync(library, await BeginAsync(library));
            var after = await FacesAsync(library, photo);
            Assert.Equal(before.Select(Told), after.Select(Told));
            Assert.Equal(before.Select(face => face.Ordinal + (3 * round)), after.Select(face => face.Ordinal));
            Assert.False(await library.WithDbAsync(db => db.GroupChanges.AnyAsync(Cancel)));
            await library.AssertWholeAsync();
        }

        Assert.False(await library.WithDbAsync(db => db.Ledger.AnyAsync(Cancel)));
        static string Told(Face face) => $"{face.Id} {face.Uuid} {face.Box} {face.Age} {string.Join(' ', face.Embeddings[0].Vector)} {face.GroupId}";
    }

    [Fact]
    public async Task A_photo_whose_file_is_damaged_keeps_its_faces_and_the_others_are_done()
    {
        var ports = new FakePorts();
        await using var library = await RunningLibrary.NewAsync(databases, ports);
        await library.StartAsync();
        var photos = new[] { await ProcessedAsync(library, 2, "Anna"), await ProcessedAsync(library, 2, "Ben"), await ProcessedAsync(library, 2, "Chris") };
        using (var half = new MemoryStream(FakePorts.File(2, "Ben")[..5]))
        {
            await library.Services.GetRequiredService<IFileStore>().WriteAsync(PhotoFiles.Original(photos[1].Uuid, "jpg"), half, Cancel);
        }

        var before = await FacesAsync(library, photos[1]);
        ports.Sees = faces => faces.Select((face, i) => Other(face, i));
        var job = await EndedAsync(library, await BeginAsync(library));
        Assert.Equal(("reprocess", "succeeded", 100, 3, 2, 1), (job.Kind, job.Status, job.Progress, job.Total, job.Succeeded, job.Failed));
        Assert.Equal("2 of 3 photos reprocessed, 1 failed: The photo's file is damaged: it has changed its length.", job.Message);
        Assert.NotNull(job.StartedAt);
        Assert.NotNull(job.FinishedAt);
        Assert.Equal(
            before.Select(face => (face.Id, face.Ordinal, face.Box)),
            (await FacesAsync(library, photos[1])).Select(face => (face.Id, face.Ordinal, face.Box)));
        Assert.Equal(PhotoStatus.Processed, (await library.PhotoAsync(photos[1].Id)).Status);
        Assert.All(await FacesAsync(library, photos[0]), face => Assert.Equal(0.7f, face.Confidence));
        await library.AssertWholeAsync();

        var alone = await EndedAsync(library, await BeginAsync(library, photos[1]));
        Assert.Equal(("failed", 1, 0, 1), (alone.Status, alone.Total, alone.Succeeded, alone.Failed));
    }

    [Fact]
    public async Task A_photo_that_had_failed_is_processed_by_it()
    {
        var ports = new FakePorts { Before = (_, _) => throw new FailureException(Failure.InvalidImage, "It is a drawing of a cat.") };
        await using var library = await RunningLibrary.NewAsync(databases, ports);
        await library.StartAsync();
        var photo = await library.AddAsync(FakePorts.File(2, "Anna"));
        await library.UntilAsync(PhotoStatus.Failed, [photo]);
        ports.Before = (_, _) => Task.CompletedTask;
        await SucceededAsync(library, await BeginAsync(library));
        var now = await library.PhotoAsync(photo.Id);
        Assert.Equal((PhotoStatus.Processed, null, 640, 2), (now.Status, now.Reason, now.Width!.Value, now.Faces.Count));
        await library.AssertWholeAsync();
    }

    [Fact]
    public async Task What_is_decided_while_a_photo_is_looked_at_is_kept()
    {
        var ports = new FakePorts();
        await using var library = await RunningLibrary.NewAsync(databases, ports);
        await library.StartAsync();
        var photo = await ProcessedAsync(library, 3, "us");
        var face = (await FacesAsync(library, photo))[2];
        var anna = await PersonAsync(library, "Anna");
        var gate = new Gate(ports);
        ports.Sees = faces => faces.Take(1);
        var job = await BeginAsync(library);
        await gate.Reached;
        await CurateAsync(library, faces => faces.AssignAsync("default", face.Id, anna, Cancel));
        gate.Open();
        await SucceededAsync(library, job);
        Assert.Equal([null, anna], (await FacesAsync(library, photo)).OrderByDescending(now => now.Ordinal).Select(now => now.PersonId));
        await library.AssertWholeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Somebody_who_was_erased_does_not_come_back_whether_before_or_while_the_photo_is_looked_at(bool meanwhile)
    {
        // Side by side: who stands before somebody erased is taken for them.
        static DetectedFace Apart(DetectedFace face, int i) => face with { Box = face.Box with { X = 100 * i } };
        var ports = new FakePorts { Sees = found => found.Select(Apart) };
        await using var library = await RunningLibrary.NewAsync(databases, ports);
        await library.StartAsync();
        var photo = await ProcessedAsync(library, 3, "us");
        var faces = await FacesAsync(library, photo);
        var anna = await PersonAsync(library, "Anna");
        await CurateAsync(library, curation => curation.AssignAsync("default", faces[1].Id, anna, Cancel));
        Task EraseAsync() => TellAsync<PersonErasure>(library, erasure => erasure.EraseAsync(photo.GalleryId, anna, Cancel));
        var gate = meanwhile ? new Gate(ports) : null;
        if (gate is null)
        {
            await EraseAsync();
        }

        ports.Sees = found => found.Select(Apart).Select(Other);
        var job = await BeginAsync(library);
        if (gate is not null)
        {
            await gate.Reached;
            await EraseAsync();
            gate.Open();
        }

        await SucceededAsync(library, job);
        Assert.Equal([faces[0].Id, faces[2].Id], (await FacesAsync(library, photo)).Select(face => face.Id));
        await library.AssertWholeAsync();
    }

    [Fact]
    public async Task A_photo_that_is_deleted_while_it_is_looked_at_leaves_nothing_and_the_job_ends_without_it()
    {
        var ports = new FakePorts();
        await using var library = await RunningLibrary.NewAsync(databases, ports, ("Library:ReprocessWorkers", "1"));
        await library.StartAsync();
        var photos = new[] { await ProcessedAsync(library, 2, "Anna"), await ProcessedAsync(library, 1, "Ben") };
        var gate = new Gate(ports);
        var job = await BeginAsync(library);
        await gate.Reached;
        await TellAsync<PhotoRemoval>(library, removal => removal.RemoveAsync(photos[0].GalleryId, photos[0].Id, Cancel));
        gate.Open();
        var ended = await EndedAsync(library, job);
        Assert.Equal(("succeeded", 1, 1), (ended.Status, ended.Total, ended.Succeeded));
        await Eventually.BecomesTrueAsync(
            () => library.WithDbAsync(async db => !await db.FileRemovals.AnyAsync(Cancel)),
            "crops that were written for it are deleted");
        Assert.Equal(1, await library.WithDbAsync(db => db.Faces.CountAsync(Cancel)));
        await library.AssertWholeAsync();
    }

    [Fact]
    public async Task Cancelled_it_changes_no_photo_any_more_not_even_the_one_that_is_being_looked_at()
    {
        var ports = new FakePorts();
        await using var library = await RunningLibrary.NewAsync(databases, ports, ("Library:ReprocessWorkers", "1"));
        await library.StartAsync();
        var photos = new[] { await ProcessedAsync(library, 2, "Anna"), await ProcessedAsync(library, 1, "Ben"), await ProcessedAsync(library, 1, "Chris") };
        var gate = new Gate(ports);
        var id = await BeginAsync(library);
        await gate.Reached;
        Assert.Equal("running", (await JobAsync(library, id)).Status);
        Assert.True(await CancelAsync(library, id));
        var job = await JobAsync(library, id);
        Assert.Equal(("cancelled", 0, 3, 0, 0), (job.Status, job.Progress, job.Total, job.Succeeded, job.Failed));
        Assert.Equal("0 of 3 photos reprocessed, 0 failed, 3 cancelled", job.Message);
        Assert.NotNull(job.FinishedAt);
        Assert.False(await CancelAsync(library, id));
        gate.Open();

        // One worker does one after the other: when the next job is done, so is what it was at.
        await SucceededAsync(library, await BeginAsync(library));
        Assert.Equal([2, 3], (await FacesAsync(library, photos[0])).Select(face => face.Ordinal!.Value));
        await library.AssertWholeAsync();
    }

    [Fact]
    public async Task A_cancelled_upload_keeps_its_photos_as_failed_ones_and_finishes_what_was_begun()
    {
        var ports = new FakePorts();
        await using var library = await RunningLibrary.NewAsync(databases, ports, ("Library:Workers", "1"));
        var gate = new Gate(ports);
        var photos = new[]
        {
            await library.AddAsync(FakePorts.File(2, "Anna")),
            await library.AddAsync(FakePorts.File(1, "Ben")),
            await library.AddAsync(FakePorts.File(1, "Chris"))
        };
        var id = Guid.CreateVersion7();
        await library.SqlAsync($"INSERT INTO identity.jobs (id, gallery_id) VALUES ({id}, {photos[0].GalleryId})");
        await library.SqlAsync($"UPDATE identity.photos SET job_id = {id}");
        Assert.Equal("queued", (await JobAsync(library, id)).Status);
        await library.StartAsync();
        await gate.Reached;
        Assert.Equal("running", (await JobAsync(library, id)).Status);
        Assert.True(await CancelAsync(library, id));
        Assert.False(await CancelAsync(library, id));
        gate.Open();

        // Of the two that the one worker fetched, either may be first.
        var begun = await library.WithDbAsync(db => db.Photos.Where(photo => photo.Attempts > 0).Select(photo => photo.Id).SingleAsync(Cancel));
        var cancelled = photos.Where(photo => photo.Id != begun).ToArray();
        await library.UntilAsync(PhotoStatus.Processed, photos.Except(cancelled));
        await library.UntilAsync(PhotoStatus.Failed, cancelled);
        var job = await JobAsync(library, id);
        Assert.Equal(("upload", "cancelled", 33, 3, 1, 0), (job.Kind, job.Status, job.Progress, job.Total, job.Succeeded, job.Failed));
        Assert.Equal("1 of 3 photos processed, 0 failed, 2 cancelled", job.Message);
        Assert.Contains("cancelled", (await library.PhotoAsync(cancelled[0].Id)).Reason, StringComparison.Ordinal);
        Assert.False(await CancelAsync(library, id));
        await library.AssertWholeAsync();
    }

    [Fact]
    public async Task Several_processes_share_the_work_and_no_photo_is_in_two_hands()
    {
        const int Photos = 24;
        var (begun, atOnce) = (new ConcurrentDictionary<string, int>(), new ConcurrentDictionary<string, int>());
        var ports = new FakePorts();
        await using var library = await RunningLibrary.NewAsync(databases, ports, ("Library:ReprocessWorkers", "0"));
        await library.StartAsync();
        var photos = new List<Photo>();
        for (var i = 0; i < Photos; i++)
        {
            photos.Add(await library.AddAsync(FakePorts.File(i % 3, $"person {i}")));
        }

        await library.UntilAsync(PhotoStatus.Processed, photos);
        var ids = await IdsAsync(library);
        ports.Before = async (file, _) =>
        {
            begun.AddOrUpdate(file, 1, (_, count) => count + 1);
            Assert.Equal(1, atOnce.AddOrUpdate(file, 1, (_, count) => count + 1));
            await Task.Yield();
            atOnce.AddOrUpdate(file, 0, (_, count) => count - 1);
        };

        // The first photo is in both jobs, which begin with it.
        var jobs = new[] { await BeginAsync(library), await BeginAsync(library, photos[0]) };
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            while (await library.WithDbAsync(db => db.JobItems.AnyAsync(item => item.Status < JobItemStatus.Done)))
            {
                await TellAsync<ReprocessQueue>(library, queue => queue.WorkOffNextAsync(Cancel));
            }
        })));
        Assert.Equal(
            [(Photos, "succeeded", 0), (1, "succeeded", 0)],
            new[] { await JobAsync(library, jobs[0]), await JobAsync(library, jobs[1]) }.Select(job => (job.Succeeded, job.Status, job.Failed)));
        Assert.Equal(photos.Select((_, i) => i == 0 ? 2 : 1), photos.Select((_, i) => begun[$"{i % 3} faces of person {i}"]));
        Assert.Equal(ids, await IdsAsync(library));
        await library.AssertWholeAsync();
    }

    [Fact]
    public async Task A_worker_that_loses_its_connection_loses_the_photo_and_it_is_done_once()
    {
        var ports = new FakePorts();
        await using var library = await RunningLibrary.NewAsync(databases, ports);
        await library.StartAsync();
        var photo = await ProcessedAsync(library, 2, "us");
        var ids = await IdsAsync(library);
        var gate = new Gate(ports);
        var job = await BeginAsync(library);
        await gate.Reached;
        Assert.Equal([true], await library.WithDbAsync(db => db.Database.SqlQuery<bool>(
            $"""
             SELECT pg_terminate_backend(pid) AS "Value" FROM pg_locks
             WHERE locktype = 'advisory' AND (classid::bigint << 32 | objid::bigint) = hashtextextended('reprocess', {photo.Id})
             """).ToListAsync(Cancel)));
        gate.Open();
        await SucceededAsync(library, job);
        Assert.Equal(ids, await IdsAsync(library));
        Assert.Equal([2, 3], (await FacesAsync(library, photo)).Select(face => face.Ordinal!.Value));
        await Eventually.BecomesTrueAsync(() => library.WithDbAsync(async db => !await db.FileRemovals.AnyAsync(Cancel)), "former crops are deleted");
        await library.AssertWholeAsync();
    }

    [Fact]
    public async Task While_a_service_is_away_photos_wait_and_none_is_given_up()
    {
        var (refused, isAway) = (0, false);
        var ports = new FakePorts
        {
            Before = (_, _) =>
            {
                if (!Volatile.Read(ref isAway))
                {
                    return Task.CompletedTask;
                }

                Interlocked.Increment(ref refused);
                throw new FailureException(Failure.Busy, "The detection service is busy; try again.");
            },
        };
        await using var library = await RunningLibrary.NewAsync(databases, ports);
        await library.StartAsync();
        await ProcessedAsync(library, 2, "us");
        Volatile.Write(ref isAway, true);
        var job = await BeginAsync(library);
        await Eventually.BecomesTrueAsync(() => Task.FromResult(Volatile.Read(ref refused) >= 3), "the photo was tried three times");
        Volatile.Write(ref isAway, false);
        await SucceededAsync(library, job);
        Assert.Equal(1, await library.WithDbAsync(db => db.JobItems.Select(item => item.Attempts).SingleAsync(Cancel)));
    }

    [Fact]
    public async Task A_poisonous_photo_is_given_up_and_keeps_its_faces()
    {
        var ports = new FakePorts();
        await using var library = await RunningLibrary.NewAsync(databases, ports, ("Library:ReprocessWorkers", "1"));
        await library.StartAsync();
        var photos = new[] { await ProcessedAsync(library, 2, "poison"), await ProcessedAsync(library, 2, "us") };
        var calls = 0;
        ports.Before = (file, _) => file.Contains("poison", StringComparison.Ordinal)
            ? throw new InvalidOperationException($"secret {calls++}")
            : Task.CompletedTask;
        var job = await EndedAsync(library, await BeginAsync(library));
        Assert.Equal("1 of 2 photos reprocessed, 1 failed: The photo could not be processed; the server's log says why.", job.Message);
        Assert.Equal(4, calls);
        Assert.Equal([0, 1], (await FacesAsync(library, photos[0])).Select(face => face.Ordinal!.Value));

        // And one that ends the process each time.
        ports.Before = (_, _) => Task.FromResult(calls++);
        await library.SqlAsync($"UPDATE identity.job_items SET status = 0, attempts = {PhotoPipeline.MaxAttempts} WHERE photo_id = {photos[0].Id}");
        await Eventually.BecomesTrueAsync(() => library.WithDbAsync(db => db.JobItems.AnyAsync(item => item.Reason!.Contains("given up"))), "it is given up");
        Assert.Equal(4, calls);
        await library.AssertWholeAsync();
    }

    [Fact]
    public async Task New_faces_are_recognised_where_uploaded_ones_are()
    {
        var ports = new FakePorts();
        await using var library = await RunningLibrary.NewAsync(databases, ports, ("Library:RecogniseOnUpload", "true"));
        await library.StartAsync();
        var photo = await ProcessedAsync(library, 2, "others");
        var known = (await FacesAsync(library, await ProcessedAsync(library, 1, "Anna")))[0];
        var anna = await PersonAsync(library, "Anna");
        await CurateAsync(library, faces => faces.AssignAsync("default", known.Id, anna, Cancel));
        ports.Sees = faces => faces.Count < 2
            ? faces
            : [.. faces, faces[0] with { Box = new FaceBox(300, 20, 30, 40), Crop = FakePorts.Crop("1 faces of Anna", 0) }];
        await SucceededAsync(library, await BeginAsync(library, photo));
        Assert.Equal(
            [null, null, (anna, Assigner.Automatic)],
            (await FacesAsync(library, photo))
                .Select(face => face.PersonId is { } person ? (person, face.AssignedBy!.Value) : ((long, Assigner)?)null));
    }

    /// <summary>The same face as another detector finds it.</summary>
    private static DetectedFace Other(DetectedFace face, int i) => face with
    {
        Box = face.Box with { X = face.Box.X + 2, Y = face.Box.Y + 1 },
        Confidence = 0.7f,
        Attributes = new FaceAttributes(50 + i, Gender.Male, 0.6f),
        Crop = FakePorts.Crop("another look", i),
    };

    private static async Task<Photo> ProcessedAsync(RunningLibrary library, int faces, string name)
    {
        var photo = await library.AddAsync(FakePorts.File(faces, name));
        await library.UntilAsync(PhotoStatus.Processed, [photo]);
        return photo;
    }

    /// <summary>Begins to reprocess photos; all of them unless some are named.</summary>
    private static Task<Guid> BeginAsync(RunningLibrary library, params Photo[] photos) => library.WithDbAsync(async db =>
    {
        var ids = photos.Select(photo => photo.Id).ToList();
        var gallery = await db.Galleries.Select(row => row.Id).SingleAsync(Cancel);
        return (await ReprocessJob.BeginAsync(db, gallery, "anna", db.Photos.Where(photo => ids.Count == 0 || ids.Contains(photo.Id)), Cancel)).Id;
    });

    private static Task<JobBody> JobAsync(RunningLibrary library, Guid id) => library.WithDbAsync(async db =>
        (await JobBody.OfAsync(db, await db.Jobs.Where(job => job.Id == id).AsNoTracking().ToListAsync(Cancel), Cancel))[0]);

    private static Task<bool> CancelAsync(RunningLibrary library, Guid id) => library.WithDbAsync(db => CancelJob.CancelAsync(db, id, Cancel));

    private static async Task<JobBody> EndedAsync(RunningLibrary library, Guid id)
    {
        await Eventually.BecomesTrueAsync(async () => (await JobAsync(library, id)).Status is not ("queued" or "running"), "the job ends");
        return await JobAsync(library, id);
    }

    private static async Task SucceededAsync(RunningLibrary library, Guid id)
    {
        var job = await EndedAsync(library, id);
        Assert.Equal(("succeeded", 0), (job.Status, job.Failed));
    }

    /// <summary>By their order on the photo.</summary>
    private static Task<List<Face>> FacesAsync(RunningLibrary library, Photo photo) => library.WithDbAsync(db =>
        db.Faces.Include(face => face.Embeddings).Where(face => face.PhotoId == photo.Id).OrderBy(face => face.Ordinal).AsNoTracking().ToListAsync(Cancel));

    private static Task<List<string>> IdsAsync(RunningLibrary library) => library.WithDbAsync(db =>
        db.Faces.OrderBy(face => face.Id).Select(face => $"{face.Id} {face.Uuid} {face.PhotoId}").ToListAsync(Cancel));

    private static async Task<long> PersonAsync(RunningLibrary library, string name)
    {
        await using var scope = library.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<PeopleCuration>().CreateAsync("default", name, Cancel)).Id;
    }

    private static Task CurateAsync(RunningLibrary library, Func<FaceCuration, Task> decide) => TellAsync(library, decide);

    private static Task ConcludeAsync(RunningLibrary library, Face face, long person, bool assign) => TellAsync<Ledger>(
        library, ledger => ledger.ConcludeAsync(
            face.GalleryId, "library", [new AutomaticConclusion(face.Id, person, 0.8f, assign)], oncePerPhoto: false, Cancel));

    private static Task UndoAsync(RunningLibrary library, long entry) =>
        TellAsync<LedgerUndo>(library, undo => undo.UndoAsync("default", "library", entry, null, Cancel));

    private static async Task TellAsync<T>(RunningLibrary library, Func<T, Task> tell)
        where T : notnull
    {
        await using var scope = library.Services.CreateAsyncScope();
        await tell(scope.ServiceProvider.GetRequiredService<T>());
    }

    /// <summary>Every unidentified face is in a group, and links say how like the faces are now.</summary>
    private static async Task GroupedAsync(RunningLibrary library)
    {
        await Eventually.BecomesTrueAsync(() => library.WithDbAsync(async db => !await db.GroupChanges.AnyAsync(Cancel)), "faces are grouped");
        var vectors = await library.WithDbAsync(db =>
            db.Embeddings.AsNoTracking().ToDictionaryAsync(embedding => embedding.FaceId, embedding => embedding.Vector, Cancel));
        var links = await library.WithDbAsync(db => db.FaceLinks.AsNoTracking().ToListAsync(Cancel));
        Assert.NotEmpty(links);
        Assert.All(links, link => Assert.Equal(TensorPrimitives.Dot<float>(vectors[link.FaceA], vectors[link.FaceB]), link.Cosine, 0.01f));
        Assert.All(
            await library.WithDbAsync(db => db.Faces.AsNoTracking().ToListAsync(Cancel)),
            face => Assert.Equal(face is { PersonId: null, ProposedPersonId: null, Mark: FaceMark.None }, face.GroupId is not null));
    }

    /// <summary>Stops the first look at a photo until it is opened.</summary>
    private sealed class Gate
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Gate(FakePorts ports) => ports.Before = (_, cancellation) =>
        {
            _reached.TrySetResult();
            return _open.Task.WaitAsync(cancellation);
        };

        public Task Reached => _reached.Task.WaitAsync(Cancel);

        public void Open() => _open.SetResult();
    }
}
