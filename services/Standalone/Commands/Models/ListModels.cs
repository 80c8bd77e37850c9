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
        var table = new Table { Border = TableBorder.Simple }.AddColumns("Name", "Role", "Commercial use", "File", "Runs", "Licence");
        var (running, obstacles) = Running(settings.Store);
        foreach (var model in settings.Registry.Models)
        {
            var state = await PresentFiles.OfAsync(settings.Folder, model, cancellationToken);
            string[] cells =
            [
                model.Name,
                model.Role.ToString().ToLowerInvariant(),
                model.Licence.Commercial ? "yes" : "no",
                state switch { PresentFile.Right => "present", PresentFile.Wrong => "wrong hash", _ => "absent" },
                !running.Contains(model.Name) ? "" : state == PresentFile.Right ? "yes" : "refuses to",
                model.Licence.Name,
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
        foreach (var role in Enum.GetValues<ModelRole>())
        {
            try
            {
                if (store.Choose(role) is { } model)
                {
                    names.Add(model.Name);
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
