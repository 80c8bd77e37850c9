namespace FaceCloud.Standalone.Commands;

/// <summary>How every command ends.</summary>
internal static class CommandRun
{
    /// <summary>The exit code of a command that did its work but for some files, which it has named.</summary>
    public const int SomeFailed = 2;

    /// <summary>The exit code of a command ended with Ctrl+C, as shells know it.</summary>
    public const int Interrupted = 130;

    /// <returns>The exit code: that of the command, or 1 after a failure that was explained on standard error.</returns>
    public static async Task<int> ReportAsync(Func<Task<int>> run)
    {
        try
        {
            var exitCode = 0;
            var failed = await StartFailure.ReportAsync(async () => exitCode = await run());
            return failed == 0 ? exitCode : failed;
        }
        catch (Exception e) when (e is CommandException or UnauthorizedAccessException)
        {
            await SayAsync(e.Message);
            return 1;
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
    }

    /// <summary>A sentence on standard error.</summary>
    public static Task SayAsync(string sentence) => Console.Error.WriteLineAsync($"facecloud: {sentence}");
}
