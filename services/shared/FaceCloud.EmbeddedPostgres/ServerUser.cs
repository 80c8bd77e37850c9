namespace FaceCloud.EmbeddedPostgres;

/// <summary>
/// The user PostgreSQL runs as: FaceCloud's own, or an unprivileged one when FaceCloud is root, because PostgreSQL refuses to run as root.
/// </summary>
internal sealed class ServerUser
{
    /// <summary>What goes before the command of a program to run it as this user; empty for FaceCloud's own user.</summary>
    public IReadOnlyList<string> Prefix { get; }

    private readonly int? _userId;

    private ServerUser(IReadOnlyList<string> prefix, int? userId)
    {
        Prefix = prefix;
        _userId = userId;
    }

    /// <summary>
    /// Finds the least privilege with which the server reaches its program and the data folder: none if their folders let everyone
    /// through, else the capability CAP_DAC_READ_SEARCH, which passes folders such as a mode-0700 /root but writes nowhere.
    /// </summary>
    /// <exception cref="EmbeddedPostgresException">FaceCloud is root and the server can be run in neither way.</exception>
    public static async Task<ServerUser> ChooseAsync(EmbeddedPostgresOptions options, ClusterFiles files, CancellationToken cancellation)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
        {
            return new ServerUser([], null);
        }

        if (Command.Find("setpriv") is not { } setpriv)
        {
            throw new EmbeddedPostgresException(
                "FaceCloud runs as root, PostgreSQL must not, and the program 'setpriv' that changes the user is missing: "
                + "install util-linux or start FaceCloud as another user.");
        }

        string[] unprivileged =
            [setpriv, $"--reuid={options.UserIdWhenRoot}", $"--regid={options.UserIdWhenRoot}", "--clear-groups", "--no-new-privs"];

        // access(2), with which PostgreSQL looks for its own program, ignores the capabilities of every user but root unless the
        // secure bit NO_SETUID_FIXUP is set: capabilities(7). An ambient capability is the kind that survives exec.
        string[] readsAnywhere =
            [.. unprivileged, "--securebits=+no_setuid_fixup", "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"];

        var refusal = "";
        foreach (var prefix in (string[][])[unprivileged, readsAnywhere])
        {
            var reaches = await Command.RunAsync([.. prefix, "test", "-x", files.Program("postgres"), "-a", "-x", files.DataFolder], cancellation);
            if (reaches.ExitCode == 0)
            {
                return new ServerUser(prefix, options.UserIdWhenRoot);
            }

            refusal = reaches.Error;
        }

        throw new EmbeddedPostgresException(
            $"FaceCloud runs as root and PostgreSQL as user {options.UserIdWhenRoot}, who cannot reach '{files.Program("postgres")}' or '{files.DataFolder}': "
            + "let others pass through the folders above them (chmod o+x), grant CAP_DAC_READ_SEARCH and CAP_SETPCAP, or start FaceCloud as another user."
            + $" {refusal}".TrimEnd());
    }

    /// <summary>Gives a folder and all in it to this user, unless it has it already.</summary>
    public async Task OwnAsync(string folder, CancellationToken cancellation)
    {
        if (_userId is null || (await Command.RunAsync([.. Prefix, "test", "-O", folder], cancellation)).ExitCode == 0)
        {
            return;
        }

        var chown = await Command.RunAsync(["chown", "-R", "-h", $"{_userId}:{_userId}", folder], cancellation);
        chown.ThrowIfFailed($"'{folder}' cannot be given to user {_userId}, as whom PostgreSQL runs");
    }
}
