using FaceCloud.VectorSearch.Embedded;

namespace FaceCloud.VectorSearch.Tests;

public class QuantiserTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(512)]
    [InlineData(4096)]
    public void The_cosine_lies_within_the_bounds(int dimension)
    {
        var random = new Random(dimension);
        for (var i = 0; i < 500; i++)
        {
            var vector = Vectors.Random(random, dimension);
            var probe = i % 2 == 0 ? Vectors.Random(random, dimension) : Vectors.Near(vector, random.NextDouble(), random);
            var codes = new sbyte[Layout.Stride(dimension)];
            var (scale, residual) = Quantiser.Quantise(vector, codes);
            var quantised = new QuantisedProbe(probe);

            var (centre, error) = quantised.Cosine(CodeDot.OneScalar(codes, quantised.Codes), scale, residual);

            var padded = new float[quantised.Vector.Length];
            vector.CopyTo(padded, 0);
            Assert.InRange(ExactCosine.Of(quantised.Vector, padded), centre - error, centre + error);
        }
    }

    [Fact]
    public void The_bounds_are_tight_enough_to_be_of_use()
    {
        var random = new Random(1);
        var (_, residual) = Quantiser.Quantise(Vectors.Random(random, 512), new sbyte[512]);
        Assert.InRange(new QuantisedProbe(Vectors.Random(random, 512)).Cosine(0, 1, residual).Error, 0.001, 0.012);
    }
}
