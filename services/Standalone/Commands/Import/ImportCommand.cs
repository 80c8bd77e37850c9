using System.CommandLine;
using System.Diagnostics;
using System.Globalization;

namespace FaceCloud.Standalone.Commands.Import;

/// <summary><c>facecloud import FOLDER --people-from-folders</c>: enrols a folder of photos.</summary>
internal static class ImportCommand
{
    private static readonly Argument<DirectoryInfo> Folder = new("FOLDER") { Description = "The folder with one folder of photos for each person." };

    private static readonly Option<bool> PeopleFromFolders = new("--people-from-folders")
    {
        Description = "Enrol every photo, at any depth, under the name of the folder in FOLDER that it lies in. The name is taken as it is.",
    };

    private static readonly Option<int> Parallel = new("--parallel")
    {
        Description = "How many photos are under way at a time.",
        DefaultValueFactory = _ => 2 * Environment.ProcessorCount,
        CustomParser = parallel =>
        {
            if (!int.TryParse(parallel.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count < 1)
            {
                parallel.AddError("--parallel needs a whole number from 1.");
            }

            return count;
        },
    };

    public static Command Create()
    {
        var import = new CommandWithExamples(
            "import",
            "Enrol a folder of photos: one folder for each person.",
            """
            Started again, it does only what is missing, however the import before ended: a photo is known by its person's name and its bytes.
            Of a photo with several faces the largest is taken. Photos are jpg, jpeg, png, webp, bmp, tif, tiff, gif and avif files.
            Exit code 0: all done. 2: some photos failed, and were named. 1: nothing could be done, and why. 130: Ctrl+C.
            """,
            "facecloud import people --people-from-folders",
            "facecloud import people --people-from-folders --url http://localhost:8000 --gallery staff")
        {
            Folder,
            PeopleFromFolders,
            Parallel,
            ServerConnection.UrlOption,
            ServerConnection.GalleryOption,
        };
        import.SetAction((parsed, stop) => CommandRun.ReportAsync(() => RunAsync(parsed, stop)));
        return import;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        if (!parsed.GetValue(PeopleFromFolders))
        {
            throw new CommandException("For now photos are imported with --people-from-folders only: one folder for each person, named as the person.");
        }

        var folder = PhotoFolder.Read(parsed.GetRequiredValue(Folder));
        if (folder.Photos.Count == 0)
        {
            throw new CommandException($"'{parsed.GetRequiredValue(Folder).FullName}' has no folders with photos.");
        }

        await using var server = await ServerConnection.OpenAsync(parsed, stop);
        var clock = Stopwatch.StartNew();
        var progress = new ProgressCount("photos");
        var importer = new Importer(server.Http, parsed.GetValue(Parallel), progress);
        ImportResult? result = null;
        await ProgressDisplay.ShowAsync("Import", progress, async () => result = await importer.RunAsync(folder.Photos, stop));
        Print(folder, result!, clock.Elapsed);
        if (result!.Gone is { } gone)
        {
            throw new CommandException($"{gone} Start the import again when the server runs; it goes on from here.");
        }

        return result.Stopped ? CommandRun.Interrupted : result.Failed.Count > 0 ? CommandRun.SomeFailed : 0;
    }

    private static void Print(PhotoFolder folder, ImportResult result, TimeSpan time)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{folder.Photos.Count} photos of {folder.People} people: {result.Imported} imported, {result.There} already there, {result.Failed.Count} failed"
            + $"{result.Copies switch { 0 => "", 1 => ", 1 copy of another", var copies => $", {copies} copies of others" }}; {time.TotalSeconds:0.0} s"
            + $"{(result.Imported > 0 ? $", {result.Imported / time.TotalSeconds:0.0} photos/s" : "")}."));
        if (folder.Ignored > 0)
        {
            Console.WriteLine($"{folder.Ignored} {(folder.Ignored == 1 ? "file" : "files")} ignored: no photo, hidden, or in no person's folder.");
        }

        if (result.Failed.Count > 0)
        {
            Console.WriteLine("Failed:");
            foreach (var failed in result.Failed)
            {
                Console.WriteLine($"  {failed.File}: {failed.Sentence}");
            }
        }

        if (result.Stopped)
        {
            Console.WriteLine("Stopped before the end. Start the import again to go on from here.");
        }
    }
}
