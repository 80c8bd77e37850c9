using FaceCloud.Contracts.Faces;
using Microsoft.Extensions.Options;

namespace FaceCloud.Identity.Tests;

/// <summary>What a score means, and from which one on a face is somebody.</summary>
public sealed class ScoresTests
{
    private static readonly Calibration Calibration = new(C0: 0.299, K: 13.9);

    [Fact]
    public void One_stranger_in_ten_thousand_reaches_a_half_and_one_in_ten_million_nine_tenths()
    {
        Assert.Equal(0.5, Calibration.SimilarityAtFalseMatchRate(1e-4), 12);
        Assert.Equal(0.9, Calibration.SimilarityAtFalseMatchRate(1e-7), 12);
        Assert.Equal(0.5, Calibration.Similarity(0.299), 12);
        Assert.Equal(0.41, Calibration.Cosine(Calibration.Similarity(0.41)), 12);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.31)]
    [InlineData(1.0)]
    public void A_threshold_in_the_request_is_obeyed_however_large_the_gallery(double asked) =>
        Assert.Equal(asked, With(new ScoreOptions()).Threshold(asked, documented: 0.5, enrolled: 1_000_000, Calibration));

    [Fact]
    public void Without_one_the_documented_default_stands_until_the_gallery_is_large()
    {
        var scores = With(new ScoreOptions());
        Assert.Equal(0.5, scores.Threshold(null, 0.5, enrolled: 0, Calibration));
        Assert.Equal(0.5, scores.Threshold(null, 0.5, enrolled: 100, Calibration));
        Assert.Equal(0.55, scores.Threshold(null, 0.55, enrolled: 100, Calibration));
        Assert.Equal(0.9, scores.Threshold(null, 0.5, enrolled: 100_000, Calibration), 12);
    }

    [Fact]
    public void The_guard_keeps_the_chance_of_a_stranger_in_the_whole_gallery_at_its_setting()
    {
        var scores = With(new ScoreOptions { StrangerGuard = 0.02 });
        foreach (var enrolled in new long[] { 1_000, 100_000, 10_000_000 })
        {
            Assert.Equal(Calibration.SimilarityAtFalseMatchRate(0.02 / enrolled), scores.Threshold(null, 0.5, enrolled, Calibration), 12);
        }

        Assert.Equal(0.5, With(new ScoreOptions { StrangerGuard = 0 }).Threshold(null, 0.5, 10_000_000, Calibration));
    }

    [Fact]
    public void In_raw_mode_scores_and_thresholds_are_cosines()
    {
        var scores = With(new ScoreOptions { Mode = ScoreMode.Raw });
        Assert.Equal(0.41, scores.Of(0.41, Calibration));
        Assert.Equal(0.299, scores.Threshold(null, 0.5, enrolled: 1, Calibration), 12);
        Assert.Equal(0.41, scores.Threshold(0.41, 0.5, enrolled: 1_000_000, Calibration));
    }

    private static Scores With(ScoreOptions options) => new(Options.Create(options));
}
