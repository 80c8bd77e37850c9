using System.Globalization;
using Spectre.Console;

namespace FaceCloud.Standalone.Commands.Identify;

/// <summary>Identified faces for people to read: one row for each.</summary>
internal sealed class FaceTable
{
    // Into a file or a pipe nothing is wrapped.
    private const int WidthElsewhere = 1000;

    private readonly Table _table = new Table { Border = TableBorder.Simple }.AddColumns("File", "Box", "Name", "Score", "Cosine", "Model");

    public void Add(IdentifiedFile file)
    {
        foreach (var face in file.Faces!)
        {
            _table.AddRow(Cells(file.File, string.Join(',', face.Bbox), face.Identity, Number(face.MatchScore), Number(face.Cosine), face.Model));
        }

        if (file.Faces.Length == 0)
        {
            _table.AddRow(Cells(file.File, "no face", "", "", "", ""));
        }
    }

    public void Print()
    {
        if (_table.Rows.Count == 0)
        {
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = WidthElsewhere;
        }

        console.Write(_table);
    }

    private static Text[] Cells(params string[] texts) => [.. texts.Select(text => new Text(text))];

    private static string Number(double? value) => value?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "";
}
