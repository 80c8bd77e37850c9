using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace FaceCloud.EmbeddedPostgres.Tests;

/// <summary>What the tests do with a server: start it, ask it, and look at its processes.</summary>
internal static class Server
{
    public static Task<EmbeddedPostgres> StartAsync(string dataFolder) => StartAsync(new EmbeddedPostgresOptions { DataFolder = dataFolder });

    public static Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options) =>
        EmbeddedPostgres.StartAsync(options, NullLogger.Instance, TestContext.Current.CancellationToken);

    public static async Task<object?> AskAsync(this EmbeddedPostgres postgres, string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Pooling = false });
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>The postmaster's process id, from the file PostgreSQL writes.</summary>
    public static int Postmaster(string cluster) =>
        int.Parse(File.ReadLines(Path.Combine(cluster, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    /// <summary>The postmaster and its children.</summary>
    public static List<int> Processes(string cluster)
    {
        var postmaster = Postmaster(cluster);
        var children = File.ReadAllText($"/proc/{postmaster}/task/{postmaster}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return [postmaster, .. children.Select(child => int.Parse(child, CultureInfo.InvariantCulture))];
    }

    /// <summary>Whether a process is there and no zombie (an orphan's end may have no parent here that takes note of it).</summary>
    public static bool Runs(int process)
    {
        try
        {
            return Stat(process)[0] is not ("Z" or "X");
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The fields of /proc/PID/stat from the third on, the state: proc(5).</summary>
    public static string[] Stat(int process) => File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ');

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(5));
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, $"It took too long: {what}.");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
