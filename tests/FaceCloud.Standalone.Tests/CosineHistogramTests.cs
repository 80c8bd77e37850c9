using FaceCloud.Standalone.Measuring;

namespace FaceCloud.Standalone.Tests;

public sealed class CosineHistogramTests
{
    private readonly List<float> _cosines = [];
    private readonly CosineHistogram _histogram = new();

    public CosineHistogramTests()
    {
        var random = new Random(7);
        for (var i = 0; i < 100_000; i++)
        {
            // The sum of some gives the shape of impostor cosines: a bell around 0.
            var cosine = (float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) / 2);
            _cosines.Add(cosine);
            _histogram.Add(cosine);
        }
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1e-2)]
    [InlineData(1e-3)]
    [InlineData(1e-4)]
    [InlineData(1e-5)]
    public void A_threshold_is_the_lowest_that_the_share_allows(double share)
    {
        var threshold = _histogram.Threshold(share);
        var allowed = (int)Math.Round(share * _cosines.Count);

        // Against a list of all of them: the cosine that is one too many lies just below.
        var oneTooMany = _cosines.OrderDescending().ElementAt(allowed);
        Assert.InRange(threshold - oneTooMany, double.Epsilon, 2.0 / _histogram.Steps);
        Assert.InRange(_cosines.Count(cosine => cosine >= threshold), 0, allowed);
    }

    [Fact]
    public void Counts_at_and_above_a_threshold_are_exact() =>
        Assert.All(
            new[] { 0.5, 1e-2, 1e-3, 1e-4 }.Select(_histogram.Threshold).Append(-1).Append(1),
            threshold => Assert.Equal(_cosines.Count(cosine => cosine >= threshold), _histogram.AtOrAbove(threshold)));

    [Fact]
    public void Cosines_beyond_the_ends_by_rounding_count_to_the_ends()
    {
        var histogram = new CosineHistogram();
        histogram.Add(1.0000001f);
        histogram.Add(-1.0000001f);

        Assert.Equal((1, 1, 2), (histogram[0], histogram[histogram.Steps - 1], histogram.Total));
    }
}
