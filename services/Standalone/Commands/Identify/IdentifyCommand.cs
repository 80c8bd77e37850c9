using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FaceCloud.Standalone.Commands.Identify;

/// <summary><c>facecloud identify FILE...</c>: names the faces of photos.</summary>
internal static class IdentifyCommand
{
    private static readonly JsonSerializerOptions Line = new(Identification.Json) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private static readonly Argument<string[]> Files = new("FILE") { Description = "A photo, or several.", Arity = ArgumentArity.OneOrMore };

    private static readonly Option<double?> Threshold = new("--threshold")
    {
        Description = "The score, 0 to 1, from which a face counts as known. Without it 0.5, or more in a large gallery.",
    };

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "Print a JSON object on a line for each file, {\"file\":...,\"faces\":[...]} or {\"file\":...,\"error\":...}, and not a table.",
    };

    public static Command Create()
    {
        var identify = new CommandWithExamples(
            "identify",
            "Name the faces on photos.",
            """
            Prints a row for each face, the largest first: its box (x,y,width,height in pixels), the name or Unknown, the score (0 to 1; 0.5 is what one
            stranger in ten thousand reaches), the cosine to the nearest enrolled face, and the network that compared them.
            Exit code 0: all done. 2: some files failed, and were named. 1: nothing could be done, and why.
            """,
            "facecloud identify party.jpg",
            "facecloud identify *.jpg --threshold 0.7 --json --url http://localhost:8000")
        {
            Files,
            Threshold,
            Json,
            ServerConnection.UrlOption,
            ServerConnection.GalleryOption,
        };
        identify.SetAction((parsed, cancellationToken) => CommandRun.ReportAsync(() => RunAsync(parsed, cancellationToken)));
        return identify;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var server = await ServerConnection.OpenAsync(parsed, cancellationToken);
        var identification = new Identification(server.Http, parsed.GetValue(Threshold));
        var json = parsed.GetValue(Json);
        var table = new FaceTable();
        var exitCode = 0;
        await foreach (var file in InOrderAsync(parsed.GetRequiredValue(Files), file => identification.OfAsync(file, cancellationToken)))
        {
            if (json)
            {
                Console.WriteLine(JsonSerializer.Serialize(file, Line));
            }
            else if (file.Error is null)
            {
                table.Add(file);
            }

            if (file.Error is not null)
            {
                await CommandRun.SayAsync($"{file.File}: {file.Error}");
                exitCode = CommandRun.SomeFailed;
            }
        }

        table.Print();
        return exitCode;
    }

    /// <summary>Several files at a time, their results in the order of the files.</summary>
    private static async IAsyncEnumerable<IdentifiedFile> InOrderAsync(string[] files, Func<string, Task<IdentifiedFile>> identify)
    {
        var underWay = new Queue<Task<IdentifiedFile>>();
        foreach (var file in files)
        {
            if (underWay.Count == 2 * Environment.ProcessorCount)
            {
                yield return await underWay.Dequeue();
            }

            underWay.Enqueue(identify(file));
        }

        while (underWay.TryDequeue(out var next))
        {
            yield return await next;
        }
    }
}
