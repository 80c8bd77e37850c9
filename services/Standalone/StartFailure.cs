using FaceCloud.Contracts;
using FaceCloud.EmbeddedPostgres;
using FaceCloud.Inference;
using Microsoft.Extensions.Options;

namespace FaceCloud.Standalone;

/// <summary>
/// Says in one sentence why the program does not start or a command cannot be carried out, where the reason is something its operator can change.
/// </summary>
internal static class StartFailure
{
    /// <returns>The exit code: 0, or 1 after a failure that was explained. Anything else is a fault of ours and ends the program with its trace.</returns>
    public static async Task<int> ReportAsync(Func<Task> run)
    {
        try
        {
            await run();
            return 0;
        }
        catch (Exception e) when (
            e is FailureException or ModelUnavailableException or EmbeddedPostgresException or OptionsValidationException
                or IOException or UnauthorizedAccessException
            || IsUnreadableSetting(e))
        {
            await Console.Error.WriteLineAsync($"facecloud: {e.Message}");
            return 1;
        }
    }

    // The binder has no exception of its own for a value that is no number, no name of an enumeration and so on.
    private static bool IsUnreadableSetting(Exception e) => e is InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" };
}
