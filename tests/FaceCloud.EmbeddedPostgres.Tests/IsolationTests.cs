using System.Text.RegularExpressions;
using Npgsql;

namespace FaceCloud.EmbeddedPostgres.Tests;

public sealed class IsolationTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task No_tcp_port_is_listened_on()
    {
        await using var postgres = await Server.StartAsync(_folder.Data);
        Assert.Equal("", await postgres.AskAsync("SHOW listen_addresses"));

        // The sockets of the postmaster, and those of the whole system that listen on TCP (state 0A; the tenth column is the socket).
        var sockets = Directory.EnumerateFiles($"/proc/{Server.Postmaster(_folder.Cluster)}/fd")
            .Select(file => new FileInfo(file).LinkTarget ?? "")
            .Where(link => link.StartsWith("socket:", StringComparison.Ordinal)).ToHashSet();
        var listening = new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists).SelectMany(file => File.ReadLines(file).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns[3] == "0A").Select(columns => $"socket:[{columns[9]}]");
        Assert.NotEmpty(sockets);
        Assert.Empty(sockets.Intersect(listening));
    }

    [Fact]
    public async Task Root_can_keep_program_and_data_where_nobody_else_gets()
    {
        RequireRoot();
        var closed = Directory.CreateDirectory(Path.Combine(_folder.Path, "closed"), (UnixFileMode)0b111_000_000).FullName;
        var server = Path.Combine(closed, "server");
        CopyFolder(new EmbeddedPostgresOptions { DataFolder = "" }.ServerFolder, server);
        var options = new EmbeddedPostgresOptions { DataFolder = Path.Combine(closed, "data"), ServerFolder = server };

        await using (var first = await Server.StartAsync(options))
        {
            await first.AskAsync("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)");
            var status = await File.ReadAllTextAsync($"/proc/{Server.Postmaster(Path.Combine(closed, "data", "postgres"))}/status");
            Assert.Matches(@"Uid:\s65534\s65534\s65534\s65534\n", status);
            Assert.Matches(@"CapEff:\s0000000000000004\n", status); // CAP_DAC_READ_SEARCH alone
        }

        await using var second = await Server.StartAsync(options);
        Assert.Equal(7, await second.AskAsync("SELECT n FROM kept"));
    }

    [Fact]
    public async Task Root_gives_no_capability_where_none_is_needed()
    {
        RequireRoot();
        await using var postgres = await Server.StartAsync(_folder.Data);
        var status = await File.ReadAllTextAsync($"/proc/{Server.Postmaster(_folder.Cluster)}/status");
        Assert.SkipWhen(Regex.IsMatch(status, @"CapEff:\s0000000000000004\n"), "The checkout is where nobody else gets.");
        Assert.Matches(@"Uid:\s65534\s65534\s65534\s65534\n", status);
        Assert.Matches(@"CapEff:\s0000000000000000\n", status);
        Assert.Matches(@"Groups:\s*\n", status);
    }

    [Fact]
    public async Task Root_is_told_what_to_change_where_the_capability_is_needed_and_missing()
    {
        RequireRoot();
        var closed = Directory.CreateDirectory(Path.Combine(_folder.Path, "closed"), (UnixFileMode)0b111_000_000).FullName;
        var error = await SecondProcess.OwnWithoutCapabilityAsync(Path.Combine(closed, "data"));
        Assert.Contains("let others pass through the folders above them (chmod o+x), grant CAP_DAC_READ_SEARCH", error);
    }

    [Fact]
    public async Task Root_takes_over_a_cluster_that_was_restored_as_root()
    {
        RequireRoot();
        await (await Server.StartAsync(_folder.Data)).DisposeAsync();
        using var chown = SecondProcess.Start("chown", "-R", "0:0", _folder.Cluster);
        await chown.WaitForExitAsync();

        await using var postgres = await Server.StartAsync(_folder.Data);
        Assert.True(postgres.IsReady);
    }

    [Theory]
    [InlineData(120)]
    [InlineData(240)]
    public async Task A_long_data_path_works(int length)
    {
        var data = Path.Combine(_folder.Path, new string('x', length));
        string socketFolder;
        await using (var postgres = await Server.StartAsync(data))
        {
            socketFolder = new NpgsqlConnectionStringBuilder(postgres.ConnectionString).Host!;
            Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(socketFolder));
            Assert.Equal(1, await postgres.AskAsync("SELECT 1"));
        }

        Assert.False(Directory.Exists(socketFolder));
    }

    [Fact]
    public async Task A_data_path_may_hold_any_character()
    {
        await using var postgres = await Server.StartAsync(Path.Combine(_folder.Path, "Zoë's \"photos\", $HOME; 50%"));
        Assert.Equal(1, await postgres.AskAsync("SELECT 1"));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(150)] // the socket is elsewhere
    public async Task Another_user_cannot_connect(int length)
    {
        RequireRoot();
        await using var postgres = await Server.StartAsync(Path.Combine(_folder.Path, new string('x', length)));
        var settings = new NpgsqlConnectionStringBuilder(postgres.ConnectionString);
        var socket = Path.Combine(settings.Host!, ".s.PGSQL.5432");

        Assert.Equal("connected", await SecondProcess.ConnectAsUserAsync(0, socket));
        Assert.Equal("AccessDenied", await SecondProcess.ConnectAsUserAsync(1, socket));
    }

    [Theory]
    [InlineData("facecloud", "28P01")]
    [InlineData("postgres", "28000")]
    public async Task Who_reaches_the_socket_still_needs_the_role_and_its_password(string role, string error)
    {
        await using var postgres = await Server.StartAsync(_folder.Data);
        var settings = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Username = role, Password = "guess", Pooling = false };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        Assert.Equal(error, (await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync())).SqlState);
    }

    [Fact]
    public async Task The_role_of_the_connection_is_no_superuser()
    {
        await using var postgres = await Server.StartAsync(_folder.Data);
        Assert.Equal(false, await postgres.AskAsync("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"));
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => postgres.AskAsync("COPY (SELECT 1) TO PROGRAM 'true'"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
    }

    [Fact]
    public async Task The_password_is_readable_by_its_owner_only_and_different_everywhere()
    {
        var other = Path.Combine(_folder.Path, "other");
        await using (await Server.StartAsync(_folder.Data))
        await using (await Server.StartAsync(other))
        {
            var file = Path.Combine(_folder.Data, "postgres.password");
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.NotEqual(await File.ReadAllTextAsync(file), await File.ReadAllTextAsync(Path.Combine(other, "postgres.password")));
        }
    }

    [Fact]
    public async Task The_log_repeats_no_values()
    {
        await using var postgres = await Server.StartAsync(_folder.Data);
        await postgres.AskAsync("CREATE TABLE people (name text PRIMARY KEY); INSERT INTO people VALUES ('Rosalind')");
        await Assert.ThrowsAsync<PostgresException>(() => postgres.AskAsync("INSERT INTO people VALUES ('Rosalind')"));
        await Assert.ThrowsAsync<PostgresException>(() => postgres.AskAsync("SELECT 'Rosalind'::int"));
        await Assert.ThrowsAsync<PostgresException>(() => postgres.AskAsync("SELECT pg_terminate_backend(pg_backend_pid()), 'Rosalind'"));

        // The last one is worth a line, which says that the others have been dealt with.
        string Log() => string.Concat(Directory.EnumerateFiles(Path.Combine(_folder.Cluster, "log")).Select(File.ReadAllText));
        await Server.UntilAsync(() => Log().Contains("terminating connection", StringComparison.Ordinal), "the log is written");
        Assert.DoesNotContain("Rosalind", Log());
    }

    [Fact]
    public async Task The_server_has_a_session_of_its_own_and_none_of_our_variables()
    {
        await using var postgres = await Server.StartAsync(_folder.Data);
        var postmaster = Server.Postmaster(_folder.Cluster);

        var session = Server.Stat(postmaster)[3];
        Assert.Equal(postmaster.ToString(System.Globalization.CultureInfo.InvariantCulture), session);
        var variables = (await File.ReadAllTextAsync($"/proc/{postmaster}/environ")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("PATH=", Assert.Single(variables));
    }

    private static void RequireRoot() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "This test needs root.");

    private static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
