using System.Diagnostics;
using System.Globalization;
using FaceCloud.Contracts.Faces;
using FaceCloud.Identity;

namespace FaceCloud.Standalone.Commands.Models;

/// <summary>
/// <c>facecloud models migrate</c>. It builds the services on the data folder, which keeps every server out of it, and starts none of them: nothing
/// is served, and nobody is refused for the faces that are still to be embedded.
/// </summary>
internal static class MigrateModels
{
    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await using var server = await Server.BuildAsync([.. ServerConnection.QuietSettings]);
        var progress = new ProgressCount("faces");
        ReembeddingReport? report = null;
        await ProgressDisplay.ShowAsync(
            "Migrate", progress,
            async () => report = await server.App.Services.ReembedAsync(total => progress.Total = total, by => progress.Advance(by), cancellationToken));
        Print(report!, clock.Elapsed);
        return report!.LeftBehind.Count > 0 ? CommandRun.SomeFailed : 0;
    }

    private static void Print(ReembeddingReport report, TimeSpan time)
    {
        if (report is { Embedded: 0, Switched: false, LeftBehind.Count: 0 })
        {
            Console.WriteLine($"Nothing to be done: all faces are embedded with {report.Recogniser}.");
            return;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Faces(report.Embedded)} embedded with {report.Recogniser}, {report.LeftBehind.Count} left behind; {time.TotalSeconds:0.0} s."));
        if (report.StrangersForgotten > 0)
        {
            Console.WriteLine(
                $"{report.StrangersForgotten} remembered without a name {(report.StrangersForgotten == 1 ? "is" : "are")} forgotten: "
                + "no picture of them is kept.");
        }

        if (report.LeftBehind.Count > 0)
        {
            Console.WriteLine("Left behind, and recognised no more until they are enrolled again:");
            foreach (var face in report.LeftBehind)
            {
                Console.WriteLine($"  face {face.FaceId}: {face.Reason}");
            }
        }
    }

    private static string Faces(long count) => count == 1 ? "1 face" : $"{count} faces";
}
