using System.CommandLine;

namespace FaceCloud.Standalone.Commands;

/// <summary><c>facecloud serve</c>: the five services and the edge in this process, until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var serve = new Command(
            "serve",
            "Serve the HTTP APIs (what happens without a command). Takes settings such as --urls http://localhost:8000 or --Models:Path FOLDER.");
        ServeByDefault(serve);
        return serve;
    }

    /// <summary>Whatever the command line does not know is a setting of the server's.</summary>
    public static void ServeByDefault(Command command)
    {
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parsed, _) => StartFailure.ReportAsync(async () =>
        {
            await using var server = await Server.BuildAsync([.. parsed.UnmatchedTokens]);
            await server.StartAsync(CancellationToken.None);
            await server.App.WaitForShutdownAsync(CancellationToken.None);
        }));
    }
}
