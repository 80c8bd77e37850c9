using FaceCloud.Contracts.Faces;

namespace FaceCloud.Quality.Tests;

/// <summary>The quality dialect's formula, grades and issues, at and beside each of their limits.</summary>
public sealed class FormulaTests
{
    private const string Blurry = "Image is blurry";
    private const string Dark = "Poor lighting/exposure";
    private const string Bright = "Overexposed";
    private const string Unsure = "Low detection confidence";

    [Fact]
    public void The_published_example_has_the_quality_of_the_formula()
    {
        var quality = new FaceQuality(0.85f, 0.75f, 0.92f);
        Assert.Equal(0.824, quality.Overall);
        Assert.Equal("B", quality.Grade);
        Assert.Empty(quality.Issues());
    }

    [Theory]
    [InlineData(1, "A")]
    [InlineData(0.85, "A")]
    [InlineData(0.8499, "B")]
    [InlineData(0.70, "B")]
    [InlineData(0.6999, "C")]
    [InlineData(0.55, "C")]
    [InlineData(0.5499, "D")]
    [InlineData(0.40, "D")]
    [InlineData(0.3999, "F")]
    [InlineData(0, "F")]
    public void A_grade_begins_at_its_limit(double overall, string grade)
    {
        var quality = new FaceQuality(overall, overall, overall);
        Assert.Equal((overall, grade), (quality.Overall, quality.Grade));
    }

    [Theory]
    [InlineData(0.5, 0.4, 0.7, false)]
    [InlineData(0.4999, 0.4, 0.7, false, Blurry)]
    [InlineData(0.5, 0.3999, 0.7, false, Dark)]
    [InlineData(0.5, 0.9, 0.7, false)]
    [InlineData(0.5, 0.9001, 0.7, false, Bright)]
    [InlineData(0.5, 0.4, 0.6999, false, Unsure)]
    [InlineData(0, 0, 0, false, Blurry, Dark, Unsure)]
    [InlineData(0.6, 0.5, 0.8, true)]
    [InlineData(0.5999, 0.5, 0.8, true, Blurry)]
    [InlineData(0.6, 0.4999, 0.8, true, Dark)]
    [InlineData(0.6, 0.85, 0.8, true)]
    [InlineData(0.6, 0.8501, 0.8, true, Bright)]
    [InlineData(0.6, 0.5, 0.7999, true, Unsure)]
    public void An_issue_is_named_beyond_its_limit(double blur, double brightness, double confidence, bool strict, params string[] issues) =>
        Assert.Equal(issues, new FaceQuality(blur, brightness, confidence).Issues(strict));

    [Fact]
    public void What_is_shown_is_what_is_judged()
    {
        // A float of 0.7 is a little less than 0.7; a client sees 0.7 and no issue.
        Assert.Empty(new FaceQuality(0.5f, 0.4f, 0.7f).Issues());
        Assert.Equal("C", new FaceQuality(0.55f, 0.55f, 0.55f).Grade);
    }
}
