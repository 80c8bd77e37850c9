namespace FaceCloud.EndToEnd.Tests;

/// <summary>The vector index holds no truth: whatever happens to its files, the database brings it back.</summary>
public sealed class IndexRecoveryTests
{
    [Theory]
    [InlineData("deleted")]
    [InlineData("damaged")]
    [InlineData("another's")]
    public async Task An_index_is_rebuilt_at_the_next_start_when_it_is(string fate)
    {
        var people = People.WithSeveralPhotos.Take(3).ToList();
        using var data = new DataFolder();
        await using (var before = await FaceCloudProcess.StartAsync(data.Path))
        {
            foreach (var (name, photos) in people)
            {
                await before.Http.AddAsync(name, photos[0]);
            }

            await before.StopAsync();
        }

        var log = Directory.GetFiles(Path.Combine(data.Path, "index"), "faces.log", SearchOption.AllDirectories).Single();
        switch (fate)
        {
            case "deleted":
                Directory.Delete(Path.Combine(data.Path, "index"), recursive: true);
                break;
            case "damaged":
                var bytes = await File.ReadAllBytesAsync(log, TestContext.Current.CancellationToken);
                bytes[bytes.Length / 2] ^= 0x40;
                await File.WriteAllBytesAsync(log, bytes, TestContext.Current.CancellationToken);
                break;
            default:
                await File.WriteAllTextAsync(log, "no log of faces at all", TestContext.Current.CancellationToken);
                break;
        }

        await using var after = await FaceCloudProcess.StartAsync(data.Path);
        foreach (var (name, photos) in people)
        {
            Assert.Equal(name, DeviceClient.Largest(await after.Http.RecognizeAsync(photos[0])));
        }

        Assert.Contains("has been rebuilt with 3 faces", after.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_index_folder_is_closed_to_other_users()
    {
        using var data = new DataFolder();
        await using var facecloud = await FaceCloudProcess.StartAsync(data.Path);
        var index = Path.Combine(data.Path, "index");
        Assert.True(Directory.Exists(index));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(index));
        }
    }
}
