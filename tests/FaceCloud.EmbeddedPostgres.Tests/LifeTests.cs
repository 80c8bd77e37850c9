using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;

namespace FaceCloud.EmbeddedPostgres.Tests;

public sealed class LifeTests(ITestOutputHelper output) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_first_start_creates_the_database_and_the_next_keeps_its_rows()
    {
        await using (var first = await TimedStartAsync("first start"))
        {
            Assert.True(first.IsReady);
            Assert.Equal("UTF8", await first.AskAsync("SHOW server_encoding"));
            Assert.Equal("on", await first.AskAsync("SHOW data_checksums"));
            Assert.Equal("on", await first.AskAsync("SHOW fsync"));
            await first.AskAsync("CREATE TABLE people (name text); INSERT INTO people VALUES ('Zoë')");
        }

        await using var second = await TimedStartAsync("warm start");
        Assert.Equal("Zoë", await second.AskAsync("SELECT name FROM people"));
    }

    [Fact]
    public async Task Another_database_name_gives_another_database_in_the_same_cluster()
    {
        await using (var first = await Server.StartAsync(_folder.Data))
        {
            Assert.Equal("facecloud", await first.AskAsync("SELECT current_database()"));
        }

        await using var second = await Server.StartAsync(new EmbeddedPostgresOptions { DataFolder = _folder.Data, Database = "other \"one\"" });
        Assert.Equal("other \"one\"", await second.AskAsync("SELECT current_database()"));
    }

    [Fact]
    public async Task A_first_start_that_was_interrupted_begins_again()
    {
        using var interruption = new CancellationTokenSource();
        var start = EmbeddedPostgres.StartAsync(new() { DataFolder = _folder.Data }, NullLogger.Instance, interruption.Token);
        await Server.UntilAsync(() => File.Exists(Path.Combine(_folder.Data, "postgres.new", "PG_VERSION")), "initdb begins");
        await interruption.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        Assert.False(Directory.Exists(_folder.Cluster));

        await using var postgres = await Server.StartAsync(_folder.Data);
        Assert.Equal(1, await postgres.AskAsync("SELECT 1"));
        Assert.False(Directory.Exists(Path.Combine(_folder.Data, "postgres.new")));
    }

    [Fact]
    public async Task A_second_owner_is_refused_until_the_first_has_stopped()
    {
        await using (await Server.StartAsync(_folder.Data))
        {
            var refusal = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => Server.StartAsync(_folder.Data));
            Assert.StartsWith($"Another FaceCloud runs on the data folder '{_folder.Data}'", refusal.Message);
        }

        await using var next = await Server.StartAsync(_folder.Data);
        Assert.True(next.IsReady);
    }

    [Fact]
    public async Task A_stop_leaves_no_process_behind()
    {
        var postgres = await Server.StartAsync(_folder.Data);
        var processes = Server.Processes(_folder.Cluster);
        Assert.True(processes.Count > 3);

        var watch = Stopwatch.StartNew();
        await postgres.DisposeAsync();
        output.WriteLine($"stop: {watch.ElapsedMilliseconds} ms");

        Assert.False(postgres.IsReady);
        Assert.False(File.Exists(Path.Combine(_folder.Cluster, "postmaster.pid")));

        // Its log is written to the end by a process that it does not wait for.
        await Server.UntilAsync(() => !processes.Any(Server.Runs), "no process is left");
    }

    [Fact]
    public async Task A_cluster_of_another_version_is_named_as_such()
    {
        await (await Server.StartAsync(_folder.Data)).DisposeAsync();
        await File.WriteAllTextAsync(Path.Combine(_folder.Cluster, "PG_VERSION"), "15\n");

        var refusal = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => Server.StartAsync(_folder.Data));
        Assert.Contains("was made by PostgreSQL 15 and this FaceCloud carries PostgreSQL 18", refusal.Message);
    }

    [Fact]
    public async Task A_folder_that_is_no_cluster_is_left_alone()
    {
        Directory.CreateDirectory(_folder.Cluster);
        await File.WriteAllTextAsync(Path.Combine(_folder.Cluster, "thesis.txt"), "mine");

        await Assert.ThrowsAsync<EmbeddedPostgresException>(() => Server.StartAsync(_folder.Data));
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(_folder.Cluster, "thesis.txt")));
    }

    [Fact]
    public async Task A_lost_password_is_replaced()
    {
        await using (var first = await Server.StartAsync(_folder.Data))
        {
            await first.AskAsync("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)");
        }

        var password = Path.Combine(_folder.Data, "postgres.password");
        var before = await File.ReadAllTextAsync(password);
        File.Delete(password);

        await using var second = await Server.StartAsync(_folder.Data);
        Assert.Equal(7, await second.AskAsync("SELECT n FROM kept"));
        Assert.NotEqual(before, await File.ReadAllTextAsync(password));
    }

    [Fact]
    public async Task A_server_that_does_not_start_is_quoted()
    {
        await (await Server.StartAsync(_folder.Data)).DisposeAsync();
        await File.AppendAllTextAsync(Path.Combine(_folder.Cluster, "postgresql.conf"), "no_such_setting = 1\n");

        var refusal = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => Server.StartAsync(_folder.Data));
        Assert.Contains("no_such_setting", refusal.Message);
    }

    private async Task<EmbeddedPostgres> TimedStartAsync(string what)
    {
        var watch = Stopwatch.StartNew();
        var postgres = await Server.StartAsync(_folder.Data);
        output.WriteLine($"{what}: {watch.ElapsedMilliseconds} ms");
        return postgres;
    }
}
