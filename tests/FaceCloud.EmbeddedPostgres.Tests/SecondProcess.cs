using System.Diagnostics;

namespace FaceCloud.EmbeddedPostgres.Tests;

/// <summary>Starts this program again, see <c>Program.cs</c>, and other programs beside it.</summary>
internal static class SecondProcess
{
    public const string Own = "own-a-cluster";
    public const string Connect = "connect";

    private static readonly string ThisProgram = Path.Combine(AppContext.BaseDirectory, "FaceCloud.EmbeddedPostgres.Tests");

    /// <summary>A process that owns the cluster of a data folder until it is killed.</summary>
    public static async Task<Process> OwnAsync(string dataFolder)
    {
        var process = Start(ThisProgram, Own, dataFolder);
        if (await process.StandardOutput.ReadLineAsync() is not "ready")
        {
            Assert.Fail(await process.StandardError.ReadToEndAsync());
        }

        return process;
    }

    /// <summary>What another user sees who connects to a socket.</summary>
    public static async Task<string> ConnectAsUserAsync(int user, string socket)
    {
        using var process = Start("setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups", ThisProgram, Connect, socket);
        var answer = (await process.StandardOutput.ReadToEndAsync()).Trim();
        await process.WaitForExitAsync();
        Assert.SkipUnless(process.ExitCode == 0, "The other user cannot run the test program where it lies.");
        return answer;
    }

    /// <summary>What a root without CAP_DAC_READ_SEARCH, as in many containers, hears who tries to own a cluster.</summary>
    public static async Task<string> OwnWithoutCapabilityAsync(string dataFolder)
    {
        using var process = Start("setpriv", "--bounding-set=-dac_read_search", ThisProgram, Own, dataFolder);
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return error;
    }

    public static Process Start(string program, params string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["DOTNET_ROOT"] = Path.GetFullPath("../../..", Path.GetDirectoryName(typeof(object).Assembly.Location)!) },
    })!;
}
