using System.CommandLine;
using System.Globalization;
using FaceCloud.Inference;
using FaceCloud.Standalone.Measuring;
using Spectre.Console;

namespace FaceCloud.Standalone.Commands;

/// <summary><c>facecloud calibrate FOLDER</c>: what the recogniser's cosines mean, measured on labelled photos, for every later start.</summary>
internal static class CalibrateCommand
{
    private static readonly Option<FileInfo?> PlotOption = new("--plot")
    {
        Description = "Also draw the cosines of pairs of one person and of pairs of different people, as an SVG image.",
        HelpName = "FILE.svg",
    };

    private static readonly Option<bool> DryRunOption = new("--dry-run") { Description = "Only show the result; keep the calibration as it is." };

    public static Command Create()
    {
        var calibrate = new Command(
            "calibrate",
            """
            Measure on labelled photos what scores mean, so that 0.5 is what one stranger in 10,000 reaches and 0.9 one in 10 million.
            Needs no server and no database, only the networks. The result is kept in the data folder and used from the next start on.
            Use photos like those you will ask about: 200 at least, of as many different people as you have, and several of some of them.
            """)
        {
            MeasuredFolder.Argument, PlotOption, DryRunOption,
        };
        calibrate.SetAction((parsed, cancellationToken) => StartFailure.ReportAsync(() => RunAsync(parsed, cancellationToken)));
        return calibrate;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        MeasuredFolder.RefuseUnknown(parsed);
        var output = parsed.InvocationConfiguration.Output;
        using var networks = Networks.Open(ownCalibration: false);
        var labelled = await MeasuredFolder.DescribeAsync(
            parsed.GetRequiredValue(MeasuredFolder.Argument), networks, parsed.InvocationConfiguration.Error, cancellationToken);
        var pairs = PairComparison.Of(labelled, cancellationToken);
        var curve = FalseMatchCurve.Of(pairs);

        MeasuredFolder.Report(labelled, output);
        output.WriteLine(Invariant($"{pairs.Genuine.Total} pairs of one person, {pairs.Impostor.Total} pairs of different people."));
        MeasuredFolder.Console(output).Write(Table(curve));
        output.WriteLine($"A threshold is measured where {FalseMatchCurve.PairsToMeasure} pairs of different people or more reach it; the others are");
        output.WriteLine("extrapolated: a straight line of cosine against log10 FMR through the lowest measured ones.");
        ReportHighest(pairs, output);

        if (parsed.GetValue(PlotOption) is { } plot)
        {
            await File.WriteAllTextAsync(plot.FullName, DistributionPlot.Draw(labelled.Recogniser.Name, pairs, curve), cancellationToken);
            output.WriteLine($"Drawn: {plot.FullName}");
        }

        var calibration = curve.Calibration;
        var file = new CalibrationFile(
            labelled.Recogniser.Name, Math.Round(calibration.C0, 4), Math.Round(calibration.K, 2), Basis(labelled, pairs, curve),
            pairs.Genuine.Total, pairs.Impostor.Total, DateTimeOffset.UtcNow);
        output.WriteLine(Invariant($"Calibration: c0 {file.C0}, k {file.K}."));
        output.WriteLine(parsed.GetValue(DryRunOption)
            ? "Not kept (--dry-run)."
            : $"Kept for the next start: {file.Save(CalibrationFolder.Of(networks.Configuration))}");
    }

    private static Table Table(FalseMatchCurve curve)
    {
        var table = new Table().AddColumns("FMR", "cosine", "basis")
            .AddColumn(new TableColumn("pairs at or above").RightAligned())
            .AddColumn(new TableColumn("TAR").RightAligned());
        foreach (var point in curve.Points)
        {
            table.AddRow(
                point.Name, Invariant($"{point.Cosine:F4}"), point.IsMeasured ? "measured" : "extrapolated",
                Invariant($"{point.ImpostorPairs}"), Invariant($"{100 * point.TrueAcceptRate:F2} %"));
        }

        return table.Caption("FMR: false-match rate. TAR: pairs of one person accepted.");
    }

    private static void ReportHighest(PairComparison pairs, TextWriter output)
    {
        output.WriteLine("The most alike of different people; are some of them one person in two folders, or in the wrong one?");
        foreach (var pair in pairs.HighestImpostors)
        {
            output.WriteLine(Invariant($"  {pair.Cosine:F4}  {pair.A.Photo.File}  {pair.B.Photo.File}"));
        }
    }

    private static string Basis(LabelledFaces labelled, PairComparison pairs, FalseMatchCurve curve)
    {
        var extrapolated = curve.Points.Where(point => !point.IsMeasured).Select(point => point.Name).ToList();
        return
            Invariant($"{labelled.Faces.Count} photos of {labelled.People} people, {pairs.Impostor.Total} impostor pairs: measured to a false-match rate of ")
            + curve.Points.Last(point => point.IsMeasured).Name
            + (extrapolated.Count > 0 ? $", extrapolated for {string.Join(", ", extrapolated)}" : "");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
