using System.Collections.Concurrent;
using System.Net;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>A deletion happens whole, whenever the program is killed: what was acknowledged is gone with its files, and nothing is gone by half.</summary>
public sealed class DeletionFaultTests(ITestOutputHelper output)
{
    private const int Photos = 60;
    private const int Kills = 6;
    private const int DeletionsEach = 8;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deletions_that_a_kill_interrupts_are_finished_after_the_next_start()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}.");
        var random = new Random(seed);
        using var data = new DataFolder();
        var (waiting, acknowledged) = (new Queue<Guid>(), new ConcurrentBag<Guid>());
        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path))
        {
            foreach (var photo in People.All.SelectMany(person => person.Photos).Take(Photos))
            {
                await facecloud.Http.FaceAsync(photo);
            }

            PhotosTests.Uuids(await PhotosTests.AllAsync(facecloud.Http)).ToList().ForEach(waiting.Enqueue);
            await facecloud.StopAsync();
        }

        for (var kill = 0; kill < Kills; kill++)
        {
            await using var facecloud = await FaceCloudProcess.StartAsync(data.Path);
            var photos = Enumerable.Range(0, DeletionsEach).Select(_ => waiting.Dequeue()).ToList();
            var (killAt, answered) = (random.Next(1, DeletionsEach), 0);
            await Task.WhenAll(photos.Select(async photo =>
            {
                try
                {
                    using var response = await facecloud.Http.DeleteAsync($"/api/photos/{photo}", Cancel);
                    Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                    acknowledged.Add(photo);
                    if (Interlocked.Increment(ref answered) == killAt)
                    {
                        await facecloud.KillAsync();
                    }
                }
                catch (HttpRequestException) when (Volatile.Read(ref answered) >= killAt)
                {
                    // Cut off: it is there whole or gone whole, and which is seen below.
                }
            }));
        }

        await using var after = await FaceCloudProcess.StartAsync(data.Path);
        Assert.DoesNotContain("rebuilt", after.Output, StringComparison.Ordinal); // vectors went with their faces
        var left = PhotosTests.Uuids(await PhotosTests.AllAsync(after.Http));
        output.WriteLine($"{Kills} kills: of {Kills * DeletionsEach} deletions {acknowledged.Count} were acknowledged; {Photos - left.Count} photos are gone.");
        Assert.Empty(acknowledged.Intersect(left));
        Assert.Superset(waiting.ToHashSet(), left);
        await Eventually.BecomesTrueAsync(
            () => Task.FromResult(PhotosTests.Folders(data.Path).SetEquals(left)),
            "the files of deleted photos are gone, and no others");
        foreach (var photo in await PhotosTests.AllAsync(after.Http))
        {
            Assert.NotEmpty(await after.Http.GetByteArrayAsync((string)photo!["media_url"]!, Cancel));
        }
    }
}
