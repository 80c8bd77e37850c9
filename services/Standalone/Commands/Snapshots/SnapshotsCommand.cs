using System.CommandLine;
using FaceCloud.Contracts;
using FaceCloud.VectorSearch;

namespace FaceCloud.Standalone.Commands.Snapshots;

/// <summary><c>facecloud snapshots</c>: copies of the vector index, where it is in a Qdrant server.</summary>
internal static class SnapshotsCommand
{
    private static readonly Argument<string> Name = new("NAME") { Description = "As 'list' shows it." };

    private static readonly Option<string?> Vectors = new("--vectors")
    {
        Description = "The server, as in 'Endpoint=http://qdrant:6333;Key=...'. Without it, the setting ConnectionStrings__vectors.",
    };

    public static Command Create() => new CommandWithExamples(
        "snapshots",
        "Take and delete copies of the vector index in a Qdrant server.",
        """
        A snapshot is a file in the server's folder of snapshots. It saves the time of making the index anew from the database, which is always possible and
        always right: a snapshot holds who was there on its day, deleted people too. So delete it with what it was taken for, and after bringing one back
        have the index rebuilt (POST /maintenance/rebuild-index). An index in files needs none.
        """,
        "facecloud snapshots take",
        "facecloud snapshots list",
        "facecloud snapshots delete facecloud+arcface+first-1-2026-11-26-12-00-00.snapshot")
    {
        Take(),
        List(),
        Delete(),
    };

    private static Command Take()
    {
        var take = new Command("take", "Copy the index of each recogniser, and show the copies as 'list' does.") { Vectors };
        take.SetAction((parsed, stop) => CommandRun.ReportAsync(async () =>
        {
            using var snapshots = Open(parsed);
            Show(await snapshots.TakeAsync(stop), "There is no index yet.");
            return 0;
        }));
        return take;
    }

    private static Command List()
    {
        var list = new Command("list", "Show the copies, a line each: name, time, bytes, recogniser.") { Vectors };
        list.SetAction((parsed, stop) => CommandRun.ReportAsync(async () =>
        {
            using var snapshots = Open(parsed);
            Show(await snapshots.ListAsync(stop), "There is no snapshot.");
            return 0;
        }));
        return list;
    }

    private static Command Delete()
    {
        var delete = new Command("delete", "Delete one.") { Name, Vectors };
        delete.SetAction((parsed, stop) => CommandRun.ReportAsync(async () =>
        {
            using var snapshots = Open(parsed);
            var name = parsed.GetRequiredValue(Name);
            return await snapshots.DeleteAsync(name, stop) ? 0 : throw new CommandException($"There is no snapshot {name}.");
        }));
        return delete;
    }

    private static void Show(IReadOnlyList<VectorSnapshot> snapshots, string none)
    {
        foreach (var snapshot in snapshots)
        {
            Console.WriteLine($"{snapshot.Name}  {snapshot.TakenAt:s}  {snapshot.Size}  {snapshot.Recogniser}");
        }

        if (snapshots.Count == 0)
        {
            Console.WriteLine(none);
        }
    }

    private static VectorSnapshots Open(ParseResult parsed)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        var server = parsed.GetValue(Vectors) ?? configuration.GetConnectionString(ServiceNames.Vectors);
        if (string.IsNullOrEmpty(server))
        {
            throw new CommandException(
                $"Name the Qdrant server with --vectors, or in ConnectionStrings__{ServiceNames.Vectors}. "
                + "Without one, the index is in files and needs no snapshots.");
        }

        var options = configuration.GetSection(VectorSearchOptions.Section).Get<VectorSearchOptions>() ?? new VectorSearchOptions();
        return new VectorSnapshots(server, options.CollectionPrefix);
    }
}
