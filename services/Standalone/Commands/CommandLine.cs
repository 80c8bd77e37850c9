using System.CommandLine;
using System.CommandLine.Invocation;

namespace FaceCloud.Standalone.Commands;

/// <summary>From what was typed to the exit code.</summary>
internal static class CommandLine
{
    // Told to stop, a command finishes what is under way and stops the database; the default would cut that off after two seconds.
    private static readonly InvocationConfiguration Configuration = new() { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) };

    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = FaceCloudCommand.Create().Parse(args);
        var mistake = parsed.Action is ParseErrorAction ? parsed.Errors[0].Message : Mistyped(parsed);
        if (mistake is null)
        {
            return await parsed.InvokeAsync(Configuration);
        }

        await CommandRun.SayAsync($"{mistake} '{HelpFor(parsed.CommandResult.Command)}' shows what there is.");
        return 1;
    }

    // What the server does not declare may be a setting of its, but none looks like a word: that was meant as a command. Commands have no settings.
    private static string? Mistyped(ParseResult parsed) => (parsed.CommandResult.Command, parsed.UnmatchedTokens) switch
    {
        (_, []) => null,
        (RootCommand, [['-' or '/', ..], ..]) => null,
        (RootCommand, [var word, ..]) => word.Contains('=') ? null : $"There is no command '{word}'.",
        ({ TreatUnmatchedTokensAsErrors: true }, [var word, ..]) => $"'{word}' is not understood.",
        _ => null,
    };

    private static string HelpFor(Command command) => string.Join(' ', Path(command).Reverse().Append("--help"));

    private static IEnumerable<string> Path(Symbol symbol)
    {
        for (Symbol? at = symbol; at is not null and not RootCommand; at = at.Parents.FirstOrDefault())
        {
            yield return at.Name;
        }

        yield return "facecloud";
    }
}
