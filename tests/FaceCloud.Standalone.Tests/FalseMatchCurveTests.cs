using FaceCloud.Contracts;
using FaceCloud.Standalone.Measuring;

namespace FaceCloud.Standalone.Tests;

public sealed class FalseMatchCurveTests
{
    // The steps of the histogram, and what they make of a line over three decades beyond.
    private const double Tolerance = 1e-4;

    private static readonly CosineHistogram OneGenuine = Histogram([0.9f]);

    [Fact]
    public void What_lies_beyond_the_pairs_is_on_the_line_through_what_they_show()
    {
        // Cosines whose share at or above 0.1 + 0.05 d is exactly 10^-d.
        var impostor = OnALine(offset: 0.1, slope: 0.05, pairs: 400_000);

        var curve = FalseMatchCurve.Of(new PairComparison(OneGenuine, impostor, []));

        Assert.Equal(["1e-2", "1e-3", "1e-4", "1e-5", "1e-6", "1e-7"], curve.Points.Select(point => point.Name));
        Assert.Equal([true, true, true, false, false, false], curve.Points.Select(point => point.IsMeasured));
        Assert.All(
            curve.Points.Select((point, i) => (point.Cosine, Expected: 0.1 + (0.05 * (i + 2)))),
            point => Assert.Equal(point.Expected, point.Cosine, Tolerance));
        Assert.Equal([4000, 400, 40], curve.Points.Take(3).Select(point => point.ImpostorPairs));
    }

    [Fact]
    public void The_calibration_reads_one_half_at_one_in_ten_thousand_and_nine_tenths_at_one_in_ten_million()
    {
        var curve = FalseMatchCurve.Of(new PairComparison(OneGenuine, OnALine(0.1, 0.05, 400_000), []));

        Assert.Equal(0.5, curve.Calibration.Similarity(curve.Points[2].Cosine), 12);
        Assert.Equal(0.9, curve.Calibration.Similarity(curve.Points[5].Cosine), 12);
        Assert.Equal(0.3, curve.Calibration.C0, Tolerance);
        Assert.Equal(Math.Log(9) / 0.15, curve.Calibration.K, 0.01);
    }

    [Fact]
    public void Only_the_lowest_three_measured_rates_carry_the_line()
    {
        // The same line beyond 1e-3, but at 1e-2 the curve has a knee.
        var bent = OnALine(0.1, 0.05, 4_000_000, cosine => cosine < 0.22 ? cosine - 0.1 : cosine);

        var curve = FalseMatchCurve.Of(new PairComparison(OneGenuine, bent, []));

        Assert.Equal([true, true, true, true, false, false], curve.Points.Select(point => point.IsMeasured));
        Assert.Equal(0.1, curve.Points[0].Cosine, Tolerance);
        Assert.Equal(0.45, curve.Points[5].Cosine, Tolerance);
    }

    [Fact]
    public void Twenty_pairs_measure_a_rate_and_nineteen_do_not()
    {
        Assert.True(FalseMatchCurve.Of(new PairComparison(OneGenuine, OnALine(0.1, 0.05, 200_000), [])).Points[2].IsMeasured);
        Assert.False(FalseMatchCurve.Of(new PairComparison(OneGenuine, OnALine(0.1, 0.05, 199_999), [])).Points[2].IsMeasured);
    }

    [Fact]
    public void True_accept_rates_are_shares_of_the_genuine_pairs()
    {
        // Thresholds are at 0.2, 0.25, 0.3 and so on.
        var genuine = Histogram([0.1f, 0.22f, 0.28f, 0.9f]);

        var curve = FalseMatchCurve.Of(new PairComparison(genuine, OnALine(0.1, 0.05, 400_000), []));

        Assert.Equal([0.75, 0.5, 0.25, 0.25], curve.Points.Take(4).Select(point => point.TrueAcceptRate));
    }

    [Fact]
    public void Too_few_pairs_are_refused_with_the_number_that_is_needed()
    {
        Assert.Contains("Nobody has two photos", Refusal(new CosineHistogram(), OnALine(0.1, 0.05, 400_000)), StringComparison.Ordinal);
        Assert.Contains("20000", Refusal(OneGenuine, OnALine(0.1, 0.05, 19_999)), StringComparison.Ordinal);
        Assert.Contains("alike", Refusal(OneGenuine, Histogram(Enumerable.Repeat(0.3f, 30_000))), StringComparison.Ordinal);
    }

    private static string Refusal(CosineHistogram genuine, CosineHistogram impostor)
    {
        var refused = Assert.Throws<FailureException>(() => FalseMatchCurve.Of(new PairComparison(genuine, impostor, [])));
        Assert.Equal(Failure.InsufficientData, refused.Failure);
        return refused.Message;
    }

    private static CosineHistogram OnALine(double offset, double slope, int pairs, Func<double, double>? bend = null) =>
        Histogram(Enumerable.Range(0, pairs)
            .Select(i => offset - (slope * Math.Log10((i + 0.001) / pairs)))
            .Select(cosine => (float)(bend?.Invoke(cosine) ?? cosine)));

    private static CosineHistogram Histogram(IEnumerable<float> cosines)
    {
        var histogram = new CosineHistogram();
        foreach (var cosine in cosines)
        {
            histogram.Add(cosine);
        }

        return histogram;
    }
}
