using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;

namespace FaceCloud.Standalone.Measuring;

/// <summary>
/// The threshold for each false-match rate, decade by decade. One that enough impostor pairs reach is measured; beyond, the cosine is
/// extrapolated as a straight line of log10 of the rate, fitted by least squares to the lowest three measured decades: the curve bends, and
/// those farther from what is sought would tilt the line.
/// </summary>
internal sealed class FalseMatchCurve
{
    /// <summary>
    /// So many impostor pairs have to reach a threshold for its rate to count as measured: with 20 the rate is known to about a quarter
    /// (a binomial count's standard deviation is its root), which is a tenth of a decade.
    /// </summary>
    public const int PairsToMeasure = 20;

    private const int FirstDecade = 2;
    private const int LastDecade = 7;
    private const int DecadesNeeded = 2;
    private const int DecadesForTheLine = 3;

    // Where the similarity is 0.5 and 0.9.
    private const int HalfDecade = 4;
    private const int HighDecade = 7;

    private FalseMatchCurve(IReadOnlyList<OperatingPoint> points) => Points = points;

    /// <summary>1e-2 to 1e-7.</summary>
    public IReadOnlyList<OperatingPoint> Points { get; }

    /// <summary>s = 0.5 at FMR 1e-4, s = 0.9 at 1e-7.</summary>
    public Calibration Calibration => new(At(HalfDecade).Cosine, Math.Log(9) / (At(HighDecade).Cosine - At(HalfDecade).Cosine));

    /// <summary>Why there is no curve, in one sentence; null if there is one.</summary>
    public static string? WhyNone(PairComparison pairs)
    {
        var needed = PairsToMeasure * (long)Math.Pow(10, FirstDecade + DecadesNeeded - 1);
        return pairs switch
        {
            { Genuine.Total: 0 } => "Nobody has two photos with a face: there is no pair of photos of one person to compare.",
            { Impostor.Total: var total } when total < needed =>
                $"The photos make {total} pairs of different people, and thresholds need {needed} at least: "
                + $"about {Math.Ceiling(Math.Sqrt(2 * needed))} photos of many people.",
            _ => null,
        };
    }

    /// <exception cref="FailureException">There is none, as <see cref="WhyNone"/> says, or it has no slope.</exception>
    public static FalseMatchCurve Of(PairComparison pairs)
    {
        if (WhyNone(pairs) is { } why)
        {
            throw new FailureException(Failure.InsufficientData, why);
        }

        var decades = Enumerable.Range(FirstDecade, LastDecade - FirstDecade + 1).ToList();
        var measured = decades
            .Where(decade => Math.Round(pairs.Impostor.Total / Math.Pow(10, decade), 6) >= PairsToMeasure)
            .ToDictionary(decade => decade, decade => pairs.Impostor.Threshold(Math.Pow(10, -decade)));
        var line = Line.Through([.. measured.OrderBy(point => point.Key).TakeLast(DecadesForTheLine).Select(point => (point.Key, point.Value))]);
        var points = decades.Select(decade =>
        {
            var cosine = measured.TryGetValue(decade, out var known) ? known : line.At(decade);
            return new OperatingPoint(
                Math.Pow(10, -decade), cosine, measured.ContainsKey(decade),
                pairs.Impostor.AtOrAbove(cosine), pairs.Genuine.AtOrAbove(cosine) / (double)pairs.Genuine.Total);
        }).ToList();
        var curve = new FalseMatchCurve(points);
        return curve.At(HighDecade).Cosine > curve.At(HalfDecade).Cosine
            ? curve
            : throw new FailureException(Failure.InsufficientData, "All pairs of different people are alike: these photos give no calibration.");
    }

    private OperatingPoint At(int decade) => Points[decade - FirstDecade];

    /// <summary>A cosine for each decade of FMR.</summary>
    private readonly record struct Line(double Offset, double Slope)
    {
        public double At(int decade) => Offset + (Slope * decade);

        public static Line Through(IReadOnlyList<(int Decade, double Cosine)> points)
        {
            var (meanX, meanY) = (points.Average(point => point.Decade), points.Average(point => point.Cosine));
            var slope = points.Sum(point => (point.Decade - meanX) * (point.Cosine - meanY))
                / points.Sum(point => (point.Decade - meanX) * (point.Decade - meanX));
            return new Line(meanY - (slope * meanX), slope);
        }
    }
}

/// <param name="FalseMatchRate">Share of pairs of different people that reach the threshold: a power of ten.</param>
/// <param name="Cosine">The threshold.</param>
/// <param name="IsMeasured">Or extrapolated.</param>
/// <param name="ImpostorPairs">Pairs of different people that reach the threshold here.</param>
/// <param name="TrueAcceptRate">Share of pairs of one person that reach it.</param>
internal sealed record OperatingPoint(double FalseMatchRate, double Cosine, bool IsMeasured, long ImpostorPairs, double TrueAcceptRate)
{
    /// <summary>The rate as people write it: 1e-4.</summary>
    public string Name => FormattableString.Invariant($"1e-{Math.Round(-Math.Log10(FalseMatchRate))}");
}
