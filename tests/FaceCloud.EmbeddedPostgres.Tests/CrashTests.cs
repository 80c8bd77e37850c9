using System.Diagnostics;
using System.Globalization;

namespace FaceCloud.EmbeddedPostgres.Tests;

public sealed class CrashTests(ITestOutputHelper output) : IDisposable
{
    private const string Keep = "CREATE TABLE kept (n int); INSERT INTO kept SELECT generate_series(1, 1000)";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_server_whose_owner_was_killed_is_stopped_and_replaced()
    {
        await FillAsync(_folder.Data);
        using var owner = await SecondProcess.OwnAsync(_folder.Data);
        var orphans = Server.Processes(_folder.Cluster);
        owner.Kill();
        await owner.WaitForExitAsync();
        Assert.True(Server.Runs(orphans[0]));

        var watch = Stopwatch.StartNew();
        await using var postgres = await Server.StartAsync(_folder.Data);
        output.WriteLine($"start beside an orphan: {watch.ElapsedMilliseconds} ms");

        Assert.DoesNotContain(orphans, Server.Runs);
        Assert.Equal(1000L, await postgres.AskAsync("SELECT count(*) FROM kept"));
    }

    [Fact]
    public async Task After_the_end_of_everything_the_next_start_recovers()
    {
        await FillAsync(_folder.Data);
        using var owner = await SecondProcess.OwnAsync(_folder.Data);
        var processes = Server.Processes(_folder.Cluster);
        owner.Kill();
        KillAll(processes);
        await owner.WaitForExitAsync();
        await Server.UntilAsync(() => !processes.Any(Server.Runs), "all processes are gone");

        await using var postgres = await Server.StartAsync(_folder.Data);
        Assert.Equal(1000L, await postgres.AskAsync("SELECT count(*) FROM kept"));
    }

    [Fact]
    public async Task A_server_that_is_killed_is_started_again_with_all_committed_rows()
    {
        await using var postgres = await Server.StartAsync(_folder.Data);
        await postgres.AskAsync(Keep);

        var watch = Stopwatch.StartNew();
        KillAll(Server.Processes(_folder.Cluster));
        await Server.UntilAsync(() => !postgres.IsReady, "the end is noticed");
        output.WriteLine($"noticed after {watch.ElapsedMilliseconds} ms");
        await Server.UntilAsync(() => postgres.IsReady, "it runs again");
        output.WriteLine($"ready again after {watch.ElapsedMilliseconds} ms");

        Assert.Equal(1000L, await postgres.AskAsync("SELECT count(*) FROM kept"));
    }

    [Fact]
    public async Task A_postmaster_killed_alone_is_replaced_when_its_children_have_ended()
    {
        await using var postgres = await Server.StartAsync(_folder.Data);
        await postgres.AskAsync(Keep);

        KillAll([Server.Postmaster(_folder.Cluster)]);
        await Server.UntilAsync(() => !postgres.IsReady, "the end is noticed");
        await Server.UntilAsync(() => postgres.IsReady, "it runs again");

        Assert.Equal(1000L, await postgres.AskAsync("SELECT count(*) FROM kept"));
    }

    [Fact]
    public async Task A_stop_while_the_server_is_down_is_a_stop()
    {
        var postgres = await Server.StartAsync(_folder.Data);
        var processes = Server.Processes(_folder.Cluster);
        KillAll(processes);
        await Server.UntilAsync(() => !postgres.IsReady, "the end is noticed");
        await postgres.DisposeAsync();

        Assert.DoesNotContain(processes, Server.Runs);
        await using var next = await Server.StartAsync(_folder.Data);
        Assert.True(next.IsReady);
    }

    [Theory]
    [InlineData("sleep")]
    [InlineData("postgres")] // a server of something else, for all its name tells
    public async Task A_process_that_got_the_process_id_of_an_old_server_is_not_touched(string name)
    {
        await FillAsync(_folder.Data);
        var program = Path.Combine(_folder.Path, name);
        File.Copy("/bin/sleep", program);
        string[] command = [program, "600"];
        if (Environment.IsPrivilegedProcess)
        {
            // Its own user is the one whose processes PostgreSQL could signal and would mistake for a server.
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", .. command];
        }

        using var bystander = SecondProcess.Start(command[0], command[1..]);
        try
        {
            await Server.UntilAsync(() => new FileInfo($"/proc/{bystander.Id}/exe").LinkTarget == program, "the bystander runs");
            await File.WriteAllTextAsync(
                Path.Combine(_folder.Cluster, "postmaster.pid"),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{bystander.Id}\n{_folder.Cluster}\n1700000000\n5432\n{_folder.Cluster}\n\n    12345         0\nready\n"));

            await using var postgres = await Server.StartAsync(_folder.Data);
            Assert.Equal(1000L, await postgres.AskAsync("SELECT count(*) FROM kept"));
            Assert.True(Server.Runs(bystander.Id));
        }
        finally
        {
            bystander.Kill();
            await bystander.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task The_temporary_socket_folder_of_a_killed_server_is_removed()
    {
        var data = Path.Combine(_folder.Path, new string('x', 120));
        await FillAsync(data);
        var cluster = Path.Combine(data, "postgres");
        using var owner = await SecondProcess.OwnAsync(data);
        var processes = Server.Processes(cluster);
        var socketFolder = (await File.ReadAllLinesAsync(Path.Combine(cluster, "postmaster.pid")))[4];
        Assert.NotEqual(cluster, socketFolder);
        owner.Kill();
        KillAll(processes);
        await owner.WaitForExitAsync();
        await Server.UntilAsync(() => !processes.Any(Server.Runs), "all processes are gone");
        Assert.True(Directory.Exists(socketFolder));

        await using var postgres = await Server.StartAsync(data);
        Assert.False(Directory.Exists(socketFolder));
        Assert.Equal(1000L, await postgres.AskAsync("SELECT count(*) FROM kept"));
    }

    private static async Task FillAsync(string data)
    {
        await using var postgres = await Server.StartAsync(data);
        await postgres.AskAsync(Keep);
    }

    private static void KillAll(IEnumerable<int> processes)
    {
        foreach (var id in processes)
        {
            try
            {
                using var process = Process.GetProcessById(id);
                process.Kill();
            }
            catch (ArgumentException)
            {
                // The postmaster's end has already ended it.
            }
        }
    }
}
