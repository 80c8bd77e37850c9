using System.CommandLine;
using FaceCloud.Standalone.Commands.Events;
using FaceCloud.Standalone.Commands.Identify;
using FaceCloud.Standalone.Commands.Import;
using FaceCloud.Standalone.Commands.Models;
using FaceCloud.Standalone.Commands.Snapshots;
using FaceCloud.Standalone.Commands.Token;

namespace FaceCloud.Standalone.Commands;

/// <summary>The command line: <c>facecloud</c> alone serves.</summary>
internal static class FaceCloudCommand
{
    public static RootCommand Create()
    {
        var root = new RootCommand("FaceCloud: face recognition that you host yourself. Without a command it serves.")
        {
            ServeCommand.Create(),
            ImportCommand.Create(),
            IdentifyCommand.Create(),
            ModelsCommand.Create(),
            CalibrateCommand.Create(),
            EvaluateCommand.Create(),
            TokenCommand.Create(),
            EventsCommand.Create(),
            SnapshotsCommand.Create(),
        };
        ServeCommand.ServeByDefault(root);
        CommandWithExamples.ShowIn(root);
        return root;
    }
}
