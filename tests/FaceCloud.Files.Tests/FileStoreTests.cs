using System.Globalization;
using System.IO.Pipelines;
using System.Text.RegularExpressions;
using FaceCloud.Contracts;
using FaceCloud.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FaceCloud.Files.Tests;

/// <summary>What every file store does, of each in turn.</summary>
public sealed class FileStoreTests(Stores stores, ITestOutputHelper output) : IClassFixture<Stores>
{
    private const int Megabyte = 1 << 20;

    private readonly string _folder = Guid.NewGuid().ToString("n");

    public static TheoryData<FileStoreKind> Kinds => [FileStoreKind.Folder, FileStoreKind.S3];

    public static MatrixTheoryData<FileStoreKind, int> KindsAndLengths => new(
        [FileStoreKind.Folder, FileStoreKind.S3], [0, 1, 65_536, 65_537, 8 * Megabyte - 1, 8 * Megabyte, 8 * Megabyte + 1, 20 * Megabyte]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(KindsAndLengths))]
    public async Task A_file_is_read_as_it_was_written_from_its_start_and_from_its_middle(FileStoreKind kind, int length)
    {
        var store = stores.Of(kind);
        await store.WriteAsync(Key("file"), new MadeUp(length), Cancel);

        await using var file = await store.OpenAsync(Key("file"), Cancel);
        Assert.True(file!.CanSeek);
        Assert.Equal(length, file.Length);
        await AssertReadsAsync(file, 0, length);
        foreach (var start in new[] { length / 2, length - 1, length, 0 }.Where(start => start >= 0))
        {
            Assert.Equal(start, file.Seek(start, SeekOrigin.Begin));
            await AssertReadsAsync(file, start, Math.Min(length - start, 300_000));
        }
    }

    [Fact]
    public async Task A_link_to_a_file_gives_it_to_whoever_has_it_where_the_store_serves_files()
    {
        var store = stores.Of(FileStoreKind.S3);
        await store.WriteAsync(Key("file"), new MadeUp(1000), Cancel);
        using var http = new HttpClient();
        var link = store.Link(Key("file"), "image/jpeg", TimeSpan.FromHours(1))!;
        using var answer = await http.GetAsync(new Uri(link), Cancel);
        Assert.Equal(
            (200, 1000, "image/jpeg"),
            ((int)answer.StatusCode, (int)answer.Content.Headers.ContentLength!, answer.Content.Headers.ContentType!.MediaType));

        // This server checks no such signatures, only until when they hold. The client follows the server's clock, which tells whole seconds.
        Assert.InRange(int.Parse(Regex.Match(link, @"X-Amz-Expires=(\d+)").Groups[1].Value, CultureInfo.InvariantCulture), 3540, 3660);
        Assert.Contains("X-Amz-Signature=", link, StringComparison.Ordinal);
        var begun = Regex.Match(link, @"X-Amz-Date=(\w+)").Groups[1].Value;
        using var ended = await http.GetAsync(new Uri(link.Replace(begun, "20200101T000000Z", StringComparison.Ordinal)), Cancel);
        Assert.Equal(403, (int)ended.StatusCode);
        Assert.Null(stores.Of(FileStoreKind.Folder).Link(Key("file"), "image/jpeg", TimeSpan.FromHours(1)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_file_whose_content_breaks_off_is_not_there_and_one_that_was_stays_as_it_was(FileStoreKind kind)
    {
        var store = stores.Of(kind);
        await store.WriteAsync(Key("old"), new MadeUp(10), Cancel);
        foreach (var breaksAt in new[] { 0, 100, 9 * Megabyte })
        {
            await Assert.ThrowsAsync<IOException>(() => store.WriteAsync(Key("new"), new MadeUp(20 * Megabyte, breaksAt), Cancel));
            await Assert.ThrowsAsync<IOException>(() => store.WriteAsync(Key("old"), new MadeUp(20 * Megabyte, breaksAt), Cancel));
        }

        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.WriteAsync(Key("new"), new MadeUp(9 * Megabyte), gone.Token));

        Assert.Null(await store.OpenAsync(Key("new"), Cancel));
        await using var old = await store.OpenAsync(Key("old"), Cancel);
        await AssertReadsAsync(old!, 0, 10);
        Assert.Equal([Key("old")], await ListAsync(store, $"{_folder}/"));
        if (kind == FileStoreKind.Folder)
        {
            Assert.Equal(["old"], Directory.EnumerateFileSystemEntries(Path.Combine(stores.Folder, _folder)).Select(Path.GetFileName));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Of_many_who_write_one_file_at_once_one_wins_whole(FileStoreKind kind)
    {
        const int Length = 300_000;
        var store = stores.Of(kind);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(seed => Task.Run(() => store.WriteAsync(Key("file"), new MadeUp(Length, seed: seed), Cancel))));

        await using var file = await store.OpenAsync(Key("file"), Cancel);
        var bytes = new byte[Length];
        await file!.ReadExactlyAsync(bytes, Cancel);
        Assert.InRange(bytes[0], 0, 19);
        Assert.All(bytes.Select((b, at) => (b, at)).Where((_, at) => at % 997 == 0), read => Assert.Equal(MadeUp.At(read.at, bytes[0]), read.b));
        Assert.Equal([Key("file")], await ListAsync(store, $"{_folder}/"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_not_there_is_null_to_read_and_no_error_to_delete(FileStoreKind kind)
    {
        var store = stores.Of(kind);
        Assert.Null(await store.OpenAsync(Key("none"), Cancel));
        await store.DeleteAsync(Key("none"), Cancel);
        await store.DeleteAsync($"{_folder}/", Cancel);
        Assert.Empty(await ListAsync(store, _folder));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_deletion_takes_the_file_or_all_below_a_folder_and_nothing_else(FileStoreKind kind)
    {
        var store = stores.Of(kind);
        string[] keys = [Key("1/a"), Key("1/b"), Key("1/deep/er/c"), Key("10/a"), Key("1a"), Key("2/a")];
        foreach (var key in keys)
        {
            await store.WriteAsync(key, new MadeUp(5), Cancel);
        }

        await store.DeleteAsync(Key("1/a"), Cancel);
        Assert.Equal(keys[1..].Order(StringComparer.Ordinal), await ListAsync(store, $"{_folder}/"));
        await store.DeleteAsync(Key("1/"), Cancel);
        Assert.Equal(keys[3..].Order(StringComparer.Ordinal), await ListAsync(store, $"{_folder}/"));
        Assert.Equal([Key("10/a"), Key("1a")], await ListAsync(store, Key("1")));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_folder_of_more_files_than_a_page_is_listed_and_deleted_whole(FileStoreKind kind)
    {
        const int Count = 1100;
        var store = stores.Of(kind);
        await Parallel.ForEachAsync(Enumerable.Range(0, Count), Cancel, async (i, cancel) => await store.WriteAsync(Key($"many/{i}"), new MadeUp(1), cancel));
        Assert.Equal(Count, (await ListAsync(store, Key("many/"))).Count);
        await store.DeleteAsync(Key("many/"), Cancel);
        Assert.Empty(await ListAsync(store, $"{_folder}/"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_key_that_leads_elsewhere_is_refused(FileStoreKind kind)
    {
        var store = stores.Of(kind);
        foreach (var key in new[] { "", "/", "/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a/.", "a\\b", "..", "../" })
        {
            await Assert.ThrowsAsync<ArgumentException>(() => store.WriteAsync(key, new MadeUp(1), Cancel));
            await Assert.ThrowsAsync<ArgumentException>(() => store.OpenAsync(key, Cancel));
            await Assert.ThrowsAsync<ArgumentException>(() => store.DeleteAsync(key, Cancel));
        }

        await Assert.ThrowsAsync<ArgumentException>(() => store.WriteAsync("a/", new MadeUp(1), Cancel));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Writing_and_reading_a_large_file_takes_memory_of_its_parts_only(FileStoreKind kind)
    {
        const long Length = 200L * Megabyte, Bound = 100L * Megabyte;
        var store = stores.Of(kind);
        await store.WriteAsync(Key("warm"), new MadeUp(9 * Megabyte), Cancel);
        var before = GC.GetTotalAllocatedBytes();
        await store.WriteAsync(Key("large"), new MadeUp(Length), Cancel);
        var written = GC.GetTotalAllocatedBytes() - before;

        before = GC.GetTotalAllocatedBytes();
        await using var file = await store.OpenAsync(Key("large"), Cancel);
        await file!.CopyToAsync(Stream.Null, Cancel);
        var read = GC.GetTotalAllocatedBytes() - before;
        output.WriteLine($"{kind}: allocated in all {written >> 20} MB to write 200 MB, {read >> 20} MB to read them.");
        Assert.InRange(written, 0, Bound);
        Assert.InRange(read, 0, Bound);
    }

    [Fact]
    public async Task Folders_go_with_their_last_file_and_come_back_under_writers()
    {
        var store = stores.Of(FileStoreKind.Folder);
        await store.WriteAsync(Key("x/deep/a"), new MadeUp(1), Cancel);
        await store.WriteAsync(Key("b"), new MadeUp(1), Cancel);
        await store.DeleteAsync(Key("x/deep/a"), Cancel);
        Assert.Equal([Path.Combine(stores.Folder, _folder, "b")], Directory.EnumerateFileSystemEntries(Path.Combine(stores.Folder, _folder)));
        await store.DeleteAsync(Key("b"), Cancel);
        Assert.False(Directory.Exists(Path.Combine(stores.Folder, _folder)));
        Assert.True(Directory.Exists(stores.Folder));

        // Each deletes the folder above them all whenever it is empty.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await store.WriteAsync(Key($"{writer}/{i}/a"), new MadeUp(1), Cancel);
                await store.DeleteAsync(Key($"{writer}/{i}/"), Cancel);
            }
        })));
        Assert.False(Directory.Exists(Path.Combine(stores.Folder, _folder)));
    }

    [Fact]
    public async Task What_a_killed_writer_left_goes_with_the_next_write_of_the_file_and_one_at_work_is_left_alone()
    {
        var store = stores.Of(FileStoreKind.Folder);
        await store.WriteAsync(Key("file"), new MadeUp(10), Cancel);
        var folder = Path.Combine(stores.Folder, _folder);
        var (abandoned, ofAnother) = (Path.Combine(folder, "file.1.part"), Path.Combine(folder, "another.1.part"));
        await File.WriteAllTextAsync(abandoned, "half a file", Cancel);
        await File.WriteAllTextAsync(ofAnother, "half a file", Cancel);
        var pipe = new Pipe();
        var atWork = store.WriteAsync(Key("file"), pipe.Reader.AsStream(), Cancel);
        await pipe.Writer.WriteAsync(new byte[] { MadeUp.At(0) }, Cancel);

        await store.WriteAsync(Key("file"), new MadeUp(100), Cancel);
        Assert.False(File.Exists(abandoned));
        await pipe.Writer.WriteAsync(new byte[] { MadeUp.At(1) }, Cancel);
        await pipe.Writer.CompleteAsync();
        await atWork;
        await using var file = await store.OpenAsync(Key("file"), Cancel);
        await AssertReadsAsync(file!, 0, 2);
        Assert.Equal([ofAnother, Path.Combine(folder, "file")], Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Of_many_writers_of_one_file_none_takes_another_for_killed()
    {
        var store = stores.Of(FileStoreKind.Folder);
        await Parallel.ForAsync(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, async (seed, _) =>
            await store.WriteAsync(Key("file"), new MadeUp(10, seed: seed), Cancel));
        Assert.Equal(["file"], Directory.EnumerateFiles(Path.Combine(stores.Folder, _folder)).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Files_and_folders_are_for_their_owner_only()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such permissions.");
            return;
        }

        await stores.Of(FileStoreKind.Folder).WriteAsync(Key("a"), new MadeUp(1), Cancel);
        var path = Path.Combine(stores.Folder, _folder);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(path, "a")));
    }

    [Fact]
    public async Task A_server_that_is_away_is_a_failure_that_passes()
    {
        await using var server = await S3Server.StartAsync();
        await using var provider = Stores.Provide(server.Settings);
        var store = provider.GetRequiredService<IFileStore>();
        await store.WriteAsync(Key("a"), new MadeUp(1), Cancel);
        await server.KillAsync();
        foreach (var call in new Func<Task>[]
        {
            () => store.WriteAsync(Key("a"), new MadeUp(1), Cancel), () => store.OpenAsync(Key("a"), Cancel), () => store.DeleteAsync($"{_folder}/", Cancel),
        })
        {
            Assert.Equal(Failure.Unavailable, (await Assert.ThrowsAsync<FailureException>(call)).Failure);
        }
    }

    [Fact]
    public void S3_without_a_bucket_or_credentials_is_refused_with_what_is_missing()
    {
        using var provider = Stores.Provide([KeyValuePair.Create("Files:Store", "S3")]);
        var error = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IFileStore>());
        Assert.Contains("Files:Bucket", error.Message, StringComparison.Ordinal);
    }

    private static async Task AssertReadsAsync(Stream file, long start, int length)
    {
        var bytes = new byte[length];
        await file.ReadExactlyAsync(bytes, Cancel);
        for (var i = 0; i < length; i++)
        {
            if (bytes[i] != MadeUp.At(start + i))
            {
                Assert.Fail($"Byte {start + i} is not as it was written.");
            }
        }

        if (start + length == file.Length)
        {
            Assert.Equal(0, await file.ReadAsync(new byte[1], Cancel));
        }
    }

    private static async Task<List<string>> ListAsync(IFileStore store, string prefix)
    {
        var keys = new List<string>();
        await foreach (var key in store.ListAsync(prefix, Cancel))
        {
            keys.Add(key);
        }

        return [.. keys.Order(StringComparer.Ordinal)];
    }

    private string Key(string name) => $"{_folder}/{name}";
}
