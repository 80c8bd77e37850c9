using System.CommandLine;
using System.Diagnostics;
using System.Globalization;

namespace FaceCloud.Standalone.Commands.Import;

/// <summary><c>facecloud import FOLDER</c>: a folder of photos into the library, or with <c>--people-from-folders</c> as enrolments of people.</summary>
internal static class ImportCommand
{
    private static readonly Argument<DirectoryInfo> Folder = new("FOLDER") { Description = "The folder with the photos, at any depth." };

    private static readonly Option<bool> PeopleFromFolders = new("--people-from-folders")
    {
        Description = "Enrol every photo under the name of the folder in FOLDER that it lies in, instead. The name is taken as it is; the photo is not kept.",
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
            "Put a folder of photos into the library, or enrol the people it shows.",
            """
            Started again, it does only what is missing, however the import before ended: a photo is known by its bytes, and where people are
            enrolled by their name, too. In the library every face of a photo is found; of a photo that enrols somebody the largest is taken.
            Photos are jpg, jpeg, png, webp, bmp, tif, tiff, gif and avif files.
            Exit code 0: all done. 2: some photos failed, and were named. 1: nothing could be done, and why. 130: Ctrl+C.
            """,
            "facecloud import ~/Pictures",
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
        var people = parsed.GetValue(PeopleFromFolders);
        var path = parsed.GetRequiredValue(Folder);
        var folder = people ? PhotoFolder.ReadPeople(path) : PhotoFolder.Read(path);
        if (folder.Photos.Count == 0)
        {
            throw new CommandException(people ? $"'{path.FullName}' has no folders with photos." : $"'{path.FullName}' has no photos.");
        }

        await using var server = await ServerConnection.OpenAsync(parsed, stop);
        var clock = Stopwatch.StartNew();
        var progress = new ProgressCount("photos");
        var importer = new Importer(people ? new RecordsTarget(server.Http) : new LibraryTarget(server.Http), parsed.GetValue(Parallel), progress);
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
            $"{folder.Photos.Count} photos{(folder.People > 0 ? $" of {folder.People} people" : "")}: "
            + $"{result.Imported} imported, {result.There} already there, {result.Failed.Count} failed"
            + $"{result.Copies switch { 0 => "", 1 => ", 1 copy of another", var copies => $", {copies} copies of others" }}; {time.TotalSeconds:0.0} s"
            + $"{(result.Imported > 0 ? $", {result.Imported / time.TotalSeconds:0.0} photos/s" : "")}."));
        if (folder.Ignored > 0)
        {
            Console.WriteLine(
                $"{folder.Ignored} {(folder.Ignored == 1 ? "file" : "files")} ignored: no photo"
                + (folder.People > 0 ? ", hidden, or in no person's folder." : " or hidden."));
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
