using FaceCloud.Inference;
using Spectre.Console;

namespace FaceCloud.Standalone.Commands.Models;

/// <summary><c>facecloud models list</c>.</summary>
internal static class ListModels
{
    // Into a file or a pipe nothing is wrapped.
    private const int WidthElsewhere = 1000;

    public static async Task<int> RunAsync(ModelSettings settings, CancellationToken cancellationToken)
    {
        var table = new Table { Border = TableBorder.Simple }.AddColumns("Name", "Role", "Commercial use", "File", "Runs", "Licence", "SHA-256");
        var (running, obstacles) = Running(settings.Store);
        foreach (var model in settings.Registry.Models)
        {
            var state = await PresentFiles.OfAsync(settings.PathOf(model), model, cancellationToken);
            string[] cells =
            [
                model.Name,
                model.Role.ToString().ToLowerInvariant(),
                model.Licence.Commercial ? "yes" : "no",
                (state, model.IsMade) switch
                {
                    (PresentFile.Right, _) => "present",
                    (_, true) => "made when used",
                    (PresentFile.Wrong, _) => "wrong hash",
                    _ => "absent",
                },
                !running.Contains(model.Name) ? "" : state == PresentFile.Right || model.IsMade ? "yes" : "refuses to",
                model.Licence.Name,
                model.File.Sha256,
            ];
            table.AddRow(cells.Select(cell => new Text(cell)));
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = WidthElsewhere;
        }

        console.Write(table);
        Console.WriteLine(settings.Where);
        foreach (var obstacle in obstacles)
        {
            Console.WriteLine(obstacle);
        }

        return 0;
    }

    /// <summary>What the server would choose, and why it would choose nothing where it needs a network.</summary>
    private static (HashSet<string> Names, IReadOnlyList<string> Obstacles) Running(ModelStore store)
    {
        var names = new HashSet<string>();
        var obstacles = new List<string>();
        foreach (var role in new[] { ModelRole.Detector, ModelRole.Recogniser, ModelRole.Attributes })
        {
            try
            {
                if (store.Choose(role) is { } model)
                {
                    names.Add(model.Name);
                    if (model.NeedsLandmarks && store.Choose(ModelRole.Landmarks) is { } landmarks)
                    {
                        names.Add(landmarks.Name);
                    }
                }
                else if (role != ModelRole.Attributes)
                {
                    obstacles.Add(store.WhyNone(role));
                }
            }
            catch (ModelUnavailableException e)
            {
                obstacles.Add(e.Message);
            }
        }

        return (names, [.. obstacles.Distinct()]);
    }
}
