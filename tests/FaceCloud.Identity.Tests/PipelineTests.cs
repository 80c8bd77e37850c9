using System.Collections.Concurrent;
using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Pipeline;
using FaceCloud.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FaceCloud.Identity.Tests;

/// <summary>What becomes of a photo after it was stored, whatever happens meanwhile.</summary>
public sealed class PipelineTests(DatabaseServer databases)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_photo_gets_its_faces_crops_vectors_and_links()
    {
        await using var library = await RunningLibrary.NewAsync(databases, new FakePorts());
        await library.StartAsync();
        var photos = new[] { await library.AddAsync(FakePorts.File(3, "Anna")), await library.AddAsync(FakePorts.File(0, "nobody")) };
        await library.UntilAsync(PhotoStatus.Processed, photos);

        var photo = await library.PhotoAsync(photos[0].Id);
        Assert.Equal((640, 480), (photo.Width, photo.Height));
        Assert.Equal(new DateTime(2023, 4, 5, 6, 7, 8, DateTimeKind.Utc), photo.TakenAt);
        Assert.Equal([0, 1, 2], photo.Faces.OrderBy(face => face.Id).Select(face => face.Ordinal!.Value));
        Assert.All(photo.Faces, face => Assert.Equal(
            (photo.TakenAt!.Value, 30f + face.Ordinal!.Value, 0.8f),
            (face.SeenAt, face.Age!.Value, face.GenderConfidence!.Value)));
        Assert.Empty((await library.PhotoAsync(photos[1].Id)).Faces);
        await library.AssertWholeAsync();
        await Eventually.BecomesTrueAsync(() => library.WithDbAsync(db => db.FaceLinks.AnyAsync()), "like faces are linked");
    }

    [Fact]
    public async Task Events_that_come_three_times_and_in_any_order_change_nothing_twice()
    {
        var random = new Random(7);
        await using var library = await RunningLibrary.NewAsync(databases, new FakePorts());
        var photos = new List<Photo>();
        for (var i = 0; i < 20; i++)
        {
            photos.Add(await library.AddAsync(FakePorts.File(i % 4, $"person {i}")));
        }

        await library.StartAsync();
        var deliveries = photos.SelectMany(photo => Enumerable.Range(0, 9).Select(i => (photo.Id, Step: i % 3))).ToArray();
        random.Shuffle(deliveries);
        await Parallel.ForEachAsync(deliveries, new ParallelOptions { MaxDegreeOfParallelism = 6 }, (delivery, _) => DeliverAsync(library, delivery));
        await library.UntilAsync(PhotoStatus.Processed, photos);
        await library.AssertWholeAsync();
        var faces = await FacesAsync(library);
        Assert.Equal(photos.Select((_, i) => i % 4).Sum(), faces.Count);

        // And once more when all is done.
        await Parallel.ForEachAsync(deliveries, new ParallelOptions { MaxDegreeOfParallelism = 6 }, (delivery, _) => DeliverAsync(library, delivery));
        Assert.Equal(faces, await FacesAsync(library));
        await library.AssertWholeAsync();
    }

    [Theory]
    [InlineData(Failure.InvalidImage)]
    [InlineData(Failure.TooLarge)]
    public async Task A_photo_that_never_works_has_failed_at_once_and_says_why(Failure failure)
    {
        var calls = 0;
        var ports = new FakePorts
        {
            Before = (_, _) =>
            {
                calls++;
                throw new FailureException(failure, "It is a drawing of a cat.");
            },
        };
        await using var library = await RunningLibrary.NewAsync(databases, ports);
        await library.StartAsync();
        var photo = await library.AddAsync(FakePorts.File(1, "Anna"));
        await library.UntilAsync(PhotoStatus.Failed, [photo]);
        Assert.Equal("It is a drawing of a cat.", (await library.PhotoAsync(photo.Id)).Reason);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_photo_whose_file_is_missing_has_failed()
    {
        await using var library = await RunningLibrary.NewAsync(databases, new FakePorts());
        var photo = await library.AddAsync(FakePorts.File(1, "Anna"));
        Directory.Delete(library.FileFolder, recursive: true);
        await library.StartAsync();
        await library.UntilAsync(PhotoStatus.Failed, [photo]);
        Assert.Equal("The photo's file is missing.", (await library.PhotoAsync(photo.Id)).Reason);
    }

    [Theory]
    [InlineData(Failure.Busy)]
    [InlineData(Failure.Unavailable)]
    public async Task While_a_service_is_away_photos_wait_and_none_is_given_up(Failure failure)
    {
        var (refused, isAway) = (0, true);
        var ports = new FakePorts
        {
            Before = (_, _) =>
            {
                if (!Volatile.Read(ref isAway))
                {
                    return Task.CompletedTask;
                }

                Interlocked.Increment(ref refused);
                throw new FailureException(failure, "The detection service does not answer; try again.");
            },
        };
        await using var library = await RunningLibrary.NewAsync(databases, ports, ("Library:Workers", "3"));
        await library.StartAsync();
        var photos = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => library.AddAsync(FakePorts.File(1, $"person {i}"))));

        // More often than a photo without a known reason to fail is tried.
        await Eventually.BecomesTrueAsync(() => Task.FromResult(Volatile.Read(ref refused) >= 3 * 5), "each worker was refused five times");
        await Eventually.BecomesTrueAsync(
            () => library.WithDbAsync(db => db.Photos.AllAsync(photo => photo.Status == PhotoStatus.Stored && photo.Attempts == 0, Cancellation)),
            "no attempt is counted");
        Volatile.Write(ref isAway, false);
        await library.UntilAsync(PhotoStatus.Processed, photos);
        await library.AssertWholeAsync();
    }

    [Fact]
    public async Task A_poisonous_photo_is_parked_with_a_reason_that_quotes_nothing_and_stops_no_other()
    {
        var calls = new ConcurrentDictionary<string, int>();
        var ports = new FakePorts
        {
            Before = (file, _) =>
            {
                calls.AddOrUpdate(file, 1, (_, count) => count + 1);
                return file.Contains("poison", StringComparison.Ordinal) ? throw new InvalidOperationException("secret") : Task.CompletedTask;
            },
        };
        await using var library = await RunningLibrary.NewAsync(databases, ports, ("Library:Workers", "1"));
        await library.StartAsync();
        var poison = await library.AddAsync(FakePorts.File(1, "poison"));
        var others = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => library.AddAsync(FakePorts.File(1, $"person {i}"))));
        await library.UntilAsync(PhotoStatus.Processed, others);
        await library.UntilAsync(PhotoStatus.Failed, [poison]);
        Assert.Equal("The photo could not be processed; the server's log says why.", (await library.PhotoAsync(poison.Id)).Reason);
        Assert.Equal(4, calls["1 faces of poison"]);
        await library.AssertWholeAsync();
    }

    [Fact]
    public async Task A_photo_that_ended_the_process_ten_times_is_given_up()
    {
        var calls = 0;
        var ports = new FakePorts { Before = (_, _) => Task.FromResult(calls++) };
        await using var library = await RunningLibrary.NewAsync(databases, ports);
        var photo = await library.AddAsync(FakePorts.File(1, "Anna"));
        await library.SqlAsync($"UPDATE identity.photos SET attempts = {PhotoPipeline.MaxAttempts}");
        await library.StartAsync();
        await library.UntilAsync(PhotoStatus.Failed, [photo]);
        Assert.Equal(0, calls);
        Assert.Contains("given up", (await library.PhotoAsync(photo.Id)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_photo_deleted_while_its_faces_are_looked_for_leaves_no_row_and_no_file()
    {
        var (begun, deleted) = (new TaskCompletionSource(), new TaskCompletionSource());
        var ports = new FakePorts
        {
            Before = (_, _) =>
            {
                begun.TrySetResult();
                return deleted.Task;
            },
        };
        await using var library = await RunningLibrary.NewAsync(databases, ports, ("Library:Workers", "1"));
        await library.StartAsync();
        var photo = await library.AddAsync(FakePorts.File(2, "Anna"));
        await begun.Task.WaitAsync(Cancellation);
        await library.SqlAsync($"DELETE FROM identity.photos WHERE id = {photo.Id}");
        Directory.Delete(library.FileFolder, recursive: true);
        var next = await library.AddAsync(FakePorts.File(1, "Ben"));
        deleted.SetResult();
        await library.UntilAsync(PhotoStatus.Processed, [next]);
        Assert.Equal(1, await library.WithDbAsync(db => db.Faces.CountAsync(Cancellation)));
        await library.AssertWholeAsync();
    }

    [Fact]
    public async Task What_was_under_way_when_the_process_ended_goes_on_at_the_next_start()
    {
        await using var library = await RunningLibrary.NewAsync(databases, new FakePorts());
        var photos = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => library.AddAsync(FakePorts.File(2, $"person {i}"))));

        // One at each step, and none of their events anywhere: a bus in memory forgets.
        foreach (var photo in photos[1..])
        {
            await library.DeliverAsync(pipeline => pipeline.DetectAsync(photo.Id, false, Cancellation));
        }

        await library.DeliverAsync(pipeline => pipeline.IndexAsync(photos[2].Id, false, Cancellation));
        await library.SqlAsync($"DELETE FROM identity.outbox");
        await library.SqlAsync($"UPDATE identity.photos SET published_at = now() WHERE id <> {photos[3].Id}");
        await library.StartAsync();
        await library.UntilAsync(PhotoStatus.Processed, photos);
        await library.AssertWholeAsync();
    }

    [Fact]
    public async Task A_photo_that_has_come_to_a_standstill_is_taken_up_while_the_program_runs()
    {
        await using var library = await RunningLibrary.NewAsync(
            databases, new FakePorts(), ("Library:SweepPeriod", "00:00:01"), ("Library:Overdue", "00:01:00"));
        await library.StartAsync();
        var photo = await library.AddAsync(FakePorts.File(1, "Anna"));
        await library.UntilAsync(PhotoStatus.Processed, [photo]);
        await library.SqlAsync($"UPDATE identity.photos SET status = {(int)PhotoStatus.Indexed}, published_at = now() - interval '2 minutes'");
        await library.UntilAsync(PhotoStatus.Processed, [photo]);
    }

    [Fact]
    public async Task Stopped_and_started_again_and_again_it_does_each_photo_once()
    {
        await using var library = await RunningLibrary.NewAsync(databases, new FakePorts());
        var photos = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => library.AddAsync(FakePorts.File(i % 3, $"person {i}"))));
        for (var processed = 0; processed < photos.Length;)
        {
            await library.StartAsync();
            var goal = Math.Min(processed + 30, photos.Length);
            await Eventually.BecomesTrueAsync(
                async () => (processed = await library.WithDbAsync(db => db.Photos.CountAsync(photo => photo.Status == PhotoStatus.Processed))) >= goal,
                "photos are processed");
            await library.StopAsync();
        }

        Assert.All(await library.WithDbAsync(db => db.Photos.ToListAsync(Cancellation)), photo => Assert.InRange(photo.Attempts, 1, 1));
        Assert.Equal(photos.Select((_, i) => i % 3).Sum(), (await FacesAsync(library)).Count);
        await library.AssertWholeAsync();
    }

    private static ValueTask DeliverAsync(RunningLibrary library, (long Photo, int Step) delivery) => new(library.DeliverAsync(pipeline => delivery.Step switch
    {
        0 => pipeline.DetectAsync(delivery.Photo, false, Cancellation),
        1 => pipeline.IndexAsync(delivery.Photo, false, Cancellation),
        _ => pipeline.DecideAsync(delivery.Photo, false, Cancellation),
    }));

    private static Task<List<string>> FacesAsync(RunningLibrary library) => library.WithDbAsync(db =>
        db.Faces.OrderBy(face => face.Id).Select(face => $"{face.Id} {face.Uuid} {face.PhotoId} {face.Ordinal}").ToListAsync(Cancellation));
}
