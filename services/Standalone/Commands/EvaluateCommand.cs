using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FaceCloud.Identity;
using FaceCloud.Standalone.Measuring;
using Spectre.Console;

namespace FaceCloud.Standalone.Commands;

/// <summary><c>facecloud evaluate FOLDER</c>: how well recognition works on labelled photos, as it is set up.</summary>
internal static class EvaluateCommand
{
    private const double LowestRateShown = 1e-5;

    private static readonly Option<bool> JsonOption = new("--json") { Description = "Print one JSON object instead of a table." };

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public static Command Create()
    {
        var evaluate = new Command(
            "evaluate",
            """
            Measure on labelled photos how well recognition works, with the networks, calibration and stranger guard in use.
            Needs no server and no database, only the networks. Nothing is kept.
            Verification: are two photos of one person or of two? Identification: everybody with several photos is enrolled by
            one of them; are the others named rightly, and is somebody named in photos of people who are not enrolled?
            """)
        {
            MeasuredFolder.Argument, JsonOption,
        };
        evaluate.SetAction((parsed, cancellationToken) => StartFailure.ReportAsync(() => RunAsync(parsed, cancellationToken)));
        return evaluate;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        MeasuredFolder.RefuseUnknown(parsed);
        var output = parsed.InvocationConfiguration.Output;
        using var networks = Networks.Open(ownCalibration: true);
        var labelled = await MeasuredFolder.DescribeAsync(
            parsed.GetRequiredValue(MeasuredFolder.Argument), networks, parsed.InvocationConfiguration.Error, cancellationToken);
        var scores = networks.Configuration.GetSection("Scores").Get<ScoreOptions>() ?? new ScoreOptions();
        var calibration = networks.Recogniser.Embedding!.Calibration;
        var pairs = PairComparison.Of(labelled, cancellationToken);
        var whyNoRates = FalseMatchCurve.WhyNone(pairs);
        var evaluation = new Evaluation(
            labelled.Recogniser.Name,
            new InUse(calibration.C0, calibration.K, calibration.Basis),
            labelled.People,
            labelled.Faces.Count,
            labelled.Faceless.Count,
            labelled.Unreadable.Count,
            Verification.Of(labelled),
            whyNoRates is null ? [.. FalseMatchCurve.Of(pairs).Points.Where(point => point.FalseMatchRate > LowestRateShown / 2)] : [],
            Identification.Of(labelled, scores.StrangerGuard));
        if (parsed.GetValue(JsonOption))
        {
            output.WriteLine(JsonSerializer.Serialize(evaluation, Json));
            return;
        }

        MeasuredFolder.Report(labelled, output);
        output.WriteLine(Invariant($"Calibration: c0 {calibration.C0}, k {calibration.K} ({calibration.Basis})."));
        MeasuredFolder.Console(output).Write(Table(evaluation));
        if (whyNoRates is not null)
        {
            output.WriteLine($"No TAR: {whyNoRates}");
        }
    }

    private static Table Table(Evaluation evaluation)
    {
        var (verification, identification) = (evaluation.Verification, evaluation.Identification);
        var table = new Table().AddColumn("figure").AddColumn(new TableColumn("result").RightAligned()).AddColumn("of");
        table.AddRow(
            "verification accuracy", Percent(verification.Accuracy),
            Invariant($"{verification.SamePairs} + {verification.DifferentPairs} pairs, ten-fold"));
        foreach (var point in evaluation.TrueAcceptRates)
        {
            table.AddRow(
                $"TAR at FMR {point.Name}", Percent(point.TrueAcceptRate),
                Invariant($"cosine {point.Cosine:F4}, ") + (point.IsMeasured ? $"reached by {point.ImpostorPairs} pairs" : "extrapolated"));
        }

        table.AddRow(
            "probes named rightly", Percent(identification.RightRate),
            $"{identification.Right} of {identification.Probes}, {identification.Enrolled} people enrolled");
        table.AddRow("probes named wrongly", Percent(identification.WrongRate), $"{identification.Wrong} of {identification.Probes}");
        table.AddRow("strangers named", Percent(identification.StrangersNamedRate), $"{identification.StrangersNamed} of {identification.Strangers}");
        table.AddRow("threshold applied", Invariant($"{identification.Threshold:F4}"), "similarity");
        return table;
    }

    private static string Percent(double share) => Invariant($"{100 * share:F2} %");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <param name="Recogniser">By its name in the registry.</param>
    /// <param name="Calibration">In use.</param>
    /// <param name="People">With a face.</param>
    /// <param name="Photos">With a face.</param>
    /// <param name="PhotosWithoutFace">In which none was found.</param>
    /// <param name="UnreadableFiles">That are no photos.</param>
    /// <param name="Verification">One person or two.</param>
    /// <param name="TrueAcceptRates">By false-match rate; none of too few photos.</param>
    /// <param name="Identification">Who is it.</param>
    private sealed record Evaluation(
        string Recogniser, InUse Calibration, int People, int Photos, int PhotosWithoutFace, int UnreadableFiles,
        Verification Verification, IReadOnlyList<OperatingPoint> TrueAcceptRates, Identification Identification);

    private sealed record InUse(double C0, double K, string Basis);
}
