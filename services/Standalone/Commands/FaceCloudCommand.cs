using System.CommandLine;
using FaceCloud.Standalone.Commands.Identify;
using FaceCloud.Standalone.Commands.Import;
using FaceCloud.Standalone.Commands.Models;

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
        };
        ServeCommand.ServeByDefault(root);
        CommandWithExamples.ShowIn(root);
        return root;
    }
}
