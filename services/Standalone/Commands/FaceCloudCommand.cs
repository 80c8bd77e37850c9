using System.CommandLine;

namespace FaceCloud.Standalone.Commands;

/// <summary>The command line: <c>facecloud</c> alone serves.</summary>
internal static class FaceCloudCommand
{
    public static RootCommand Create()
    {
        var root = new RootCommand("FaceCloud: face recognition that you host yourself. Without a command it serves.")
        {
            ServeCommand.Create(),
            CalibrateCommand.Create(),
            EvaluateCommand.Create(),
        };
        ServeCommand.ServeByDefault(root);
        return root;
    }
}
