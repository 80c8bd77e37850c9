using FaceCloud.Contracts.Faces;

namespace FaceCloud.Imaging.Tests;

public sealed class SimilarityTransformTests
{
    private static readonly FacePoint[] Template = FaceAligner.ArcFaceTemplate.ToArray();

    [Fact]
    public void Points_that_already_lie_right_stay_where_they_are()
    {
        AssertTransform(new SimilarityTransform(1, 0, 0, 0), SimilarityTransform.Between(Template, Template), 1e-6);
    }

    [Theory]
    [InlineData(0, 2, 10, -5)]
    [InlineData(30, 0.4, -100, 20)]
    [InlineData(90, 1, 0, 0)]
    [InlineData(180, 7, 3, 4)]
    [InlineData(-135, 0.05, 1000, 1000)]
    public void A_known_rotation_scale_and_shift_is_found(double degrees, double scale, double x, double y)
    {
        var (sine, cosine) = Math.SinCos(degrees * Math.PI / 180);
        var known = new SimilarityTransform(scale * cosine, scale * sine, x, y);

        var found = SimilarityTransform.Between(Template, [.. Template.Select(known.Apply)]);

        AssertTransform(known, found, 1e-3);
        Assert.Equal(scale, found.Scale, 1e-4);
        Assert.Equal(1, Math.Cos(found.Angle - degrees * Math.PI / 180), 1e-6);
    }

    [Fact]
    public void No_transform_nearby_comes_closer()
    {
        FacePoint[] face = [new(101, 120), new(151, 113), new(130, 148), new(110, 175), new(149, 170)];

        var best = SimilarityTransform.Between(face, Template);

        foreach (var step in (double[])[-0.01, 0.01])
        {
            Assert.True(Error(best) < Error(best with { A = best.A + step }));
            Assert.True(Error(best) < Error(best with { B = best.B + step }));
            Assert.True(Error(best) < Error(best with { X = best.X + 10 * step }));
            Assert.True(Error(best) < Error(best with { Y = best.Y + 10 * step }));
        }

        double Error(SimilarityTransform transform) => face.Zip(Template)
            .Sum(pair => Math.Pow(transform.Apply(pair.First).X - pair.Second.X, 2) + Math.Pow(transform.Apply(pair.First).Y - pair.Second.Y, 2));
    }

    [Fact]
    public void The_inverse_leads_back()
    {
        var transform = new SimilarityTransform(0.3, -0.8, 12, -7);

        var back = transform.Inverse().Apply(transform.Apply(new FacePoint(40, 50)));

        Assert.Equal(40, back.X, 1e-4);
        Assert.Equal(50, back.Y, 1e-4);
    }

    [Fact]
    public void Points_without_extent_or_value_are_refused()
    {
        Assert.Throws<ArgumentException>(() => SimilarityTransform.Between(new FacePoint[5], Template));
        Assert.Throws<ArgumentException>(() => SimilarityTransform.Between([new(float.NaN, 0), new(1, 1)], Template.AsSpan(0, 2)));
        Assert.Throws<ArgumentException>(() => SimilarityTransform.Between([new(float.PositiveInfinity, 0), new(1, 1)], Template.AsSpan(0, 2)));
        Assert.Throws<ArgumentException>(() => SimilarityTransform.Between(Template.AsSpan(0, 1), Template.AsSpan(0, 1)));
        Assert.Throws<ArgumentException>(() => SimilarityTransform.Between(Template.AsSpan(0, 2), Template));
    }

    private static void AssertTransform(SimilarityTransform expected, SimilarityTransform actual, double tolerance)
    {
        Assert.Equal(expected.A, actual.A, tolerance);
        Assert.Equal(expected.B, actual.B, tolerance);
        Assert.Equal(expected.X, actual.X, tolerance);
        Assert.Equal(expected.Y, actual.Y, tolerance);
    }
}
