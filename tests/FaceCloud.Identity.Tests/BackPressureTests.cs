using System.Globalization;
using FaceCloud.Identity.Data;
using FaceCloud.Testing;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Tests;

/// <summary>Tests that watch the process's memory; what other tests take would count as theirs.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class BackPressureTests(DatabaseServer databases, ITestOutputHelper output)
{
    [Fact]
    public async Task However_many_photos_wait_a_few_are_under_way_and_memory_does_not_grow()
    {
        const int Queued = 200_000;
        const int Window = 64;
        var gate = new TaskCompletionSource();
        var ports = new FakePorts { Before = (_, cancellation) => gate.Task.WaitAsync(cancellation) };
        await using var library = await RunningLibrary.NewAsync(databases, ports, ("Library:PhotosUnderWay", Window.ToString(CultureInfo.InvariantCulture)));
        var first = await library.AddAsync(FakePorts.File(0, "nobody"));
        await library.SqlAsync(
            $"""
             INSERT INTO identity.photos (uuid, gallery_id, sha256, filename, extension, bytes, status, attempts)
             SELECT gen_random_uuid(), {first.GalleryId}, uuid_send(gen_random_uuid()), 'photo.jpg', 'jpg', 1, 0, 0 FROM generate_series(1, {Queued})
             """);
        await library.SqlAsync(
            $"""
             INSERT INTO identity.outbox (kind, body, photo_id)
             SELECT 'PhotoStored', json_build_object('PhotoId', id)::text, id FROM identity.photos WHERE id <> {first.Id} ORDER BY id
             """);
        await library.StartAsync();

        // The first stands still, so the window is as full as it gets; files of the others are missing, so they are soon done.
        await Eventually.BecomesTrueAsync(async () => await UnderWayAsync(library) > 0, "photos are under way");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (most, done) = (0, 0);
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                most = Math.Max(most, await UnderWayAsync(library));
                return (done = await library.WithDbAsync(db => db.Photos.CountAsync(photo => photo.Status == PhotoStatus.Failed))) >= 1000;
            },
            "a thousand photos are through");
        var grown = (GC.GetTotalMemory(forceFullCollection: true) - before) >> 20;
        gate.SetResult();
        output.WriteLine($"{Queued} photos queued: at most {most} under way; after {done} the process holds {grown} MB more.");
        Assert.InRange(most, 2, Window);
        Assert.InRange(grown, -1000, 20);
    }

    private static Task<int> UnderWayAsync(RunningLibrary library) =>
        library.WithDbAsync(db => db.Photos.CountAsync(photo => photo.PublishedAt != null && photo.Status < PhotoStatus.Processed));
}
