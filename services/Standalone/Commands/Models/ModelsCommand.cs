using System.CommandLine;

namespace FaceCloud.Standalone.Commands.Models;

/// <summary><c>facecloud models</c>: the networks this version knows, and their files.</summary>
internal static class ModelsCommand
{
    private static readonly Argument<string[]> Names = new("NAME")
    {
        Description = "A network as 'models list' names it, or several.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> All = new("--all") { Description = "All networks that have an address and a licence you may use or have accepted." };

    public static Command Create()
    {
        var list = new CommandWithExamples(
            "list",
            "Show the networks FaceCloud knows.",
            "Shows what each does, whether its licence allows commercial use, whether its file is there and the right one, and which a server would run now.",
            "facecloud models list");
        list.SetAction((_, cancellationToken) => CommandRun.ReportAsync(() => ListModels.RunAsync(ModelSettings.Read(), cancellationToken)));

        var verify = new CommandWithExamples(
            "verify",
            "Check the files of networks.",
            "Checks the SHA-256 of every file that is there. Exit code 0: all are right. 2: one is not, and was named.",
            "facecloud models verify");
        verify.SetAction((_, cancellationToken) => CommandRun.ReportAsync(() => VerifyModels.RunAsync(ModelSettings.Read(), cancellationToken)));

        var pull = new CommandWithExamples(
            "pull",
            "Download networks.",
            """
            Downloads from the publishers' own addresses into the models folder: FACECLOUD_MODELS, or 'models' in the data folder. A download that broke
            off goes on where it stopped when the command is run again. A file gets its name only if its SHA-256 is right. A network whose licence forbids
            commercial use is downloaded only after you have accepted that, as the second example does.
            Exit code 0: all are there. 2: some failed, and were named. 1: nothing could be done, and why.
            """,
            "facecloud models pull yunet",
            "Models__AcceptLicenses=noncommercial facecloud models pull --all")
        {
            Names,
            All,
        };
        pull.SetAction((parsed, cancellationToken) => CommandRun.ReportAsync(
            () => PullModels.RunAsync(ModelSettings.Read(), parsed.GetValue(Names) ?? [], parsed.GetValue(All), cancellationToken)));

        var migrate = new CommandWithExamples(
            "migrate",
            "Embed all faces with the recogniser that is configured now.",
            """
            Needed after another recogniser was chosen, because vectors of two recognisers cannot be compared; a server refuses to start until it is done.
            Works on the data folder, without a server. Faces are embedded again from the photos of the library and from the portraits of enrolled
            faces; names and all that was decided stay. Stopped or killed at any moment and started again, it goes on where it was.
            Exit code 0: all are embedded. 2: some could not be, and were named with the reason. 1: nothing could be done, and why.
            """,
            "facecloud models migrate",
            "Models__Recogniser=w600k_mbf facecloud models migrate");
        migrate.SetAction((_, cancellationToken) => CommandRun.ReportAsync(() => MigrateModels.RunAsync(cancellationToken)));

        return new Command("models", "The networks: which there are, checking them, downloading them, changing the recogniser.")
        {
            list, verify, pull, migrate, FuseModels.Create(),
        };
    }
}
