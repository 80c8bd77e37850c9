using System.CommandLine;
using FaceCloud.Contracts;
using FaceCloud.Standalone.Measuring;
using Spectre.Console;

namespace FaceCloud.Standalone.Commands;

/// <summary>What the commands that measure have in common: the folder of labelled photos, how far it is, and what in it was of no use.</summary>
internal static class MeasuredFolder
{
    private const int Listed = 20;

    public static Argument<string> Argument { get; } = new("FOLDER")
    {
        Description = "A folder with one sub-folder for each person, and in it that person's photos. The largest face of each photo counts.",
    };

    /// <summary>Finds and describes the faces, with a progress bar beside the output.</summary>
    public static async Task<LabelledFaces> DescribeAsync(string folder, Networks networks, TextWriter messages, CancellationToken cancellationToken)
    {
        var photos = LabelledPhoto.Find(folder);
        return await Console(messages).Progress().StartAsync(async progress =>
        {
            var bar = progress.AddTask("Describing faces", maxValue: photos.Count);
            return await networks.DescribeAsync(photos, () => bar.Increment(1), cancellationToken);
        });
    }

    /// <summary>Names the files that did not count.</summary>
    public static void Report(LabelledFaces labelled, TextWriter output)
    {
        output.WriteLine($"{labelled.Faces.Count} photos of {labelled.People} people, described by {labelled.Recogniser.Name}.");
        List("show no face", [.. labelled.Faceless.Select(photo => photo.File)], output);
        List("cannot be used", [.. labelled.Unreadable.Select(file => $"{file.Photo.File}: {file.Reason}")], output);
    }

    /// <summary>The server takes whatever it does not know as a setting; here that would be a misspelt option, and a calibration kept by mistake.</summary>
    public static void RefuseUnknown(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens is [var unknown, ..])
        {
            throw new FailureException(
                Failure.InvalidRequest, $"'{unknown}' means nothing here; --help says what does. Settings come from the environment or from appsettings.json.");
        }
    }

    /// <summary>Colours and bars that move are for terminals only.</summary>
    public static IAnsiConsole Console(TextWriter writer)
    {
        var isTerminal = (writer == System.Console.Out && !System.Console.IsOutputRedirected)
            || (writer == System.Console.Error && !System.Console.IsErrorRedirected);
        return AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
    }

    private static void List(string what, IReadOnlyList<string> files, TextWriter output)
    {
        if (files.Count == 0)
        {
            return;
        }

        output.WriteLine($"Files that {what}: {files.Count}.");
        foreach (var file in files.Take(Listed))
        {
            output.WriteLine($"  {file}");
        }

        if (files.Count > Listed)
        {
            output.WriteLine($"  and {files.Count - Listed} more");
        }
    }
}
