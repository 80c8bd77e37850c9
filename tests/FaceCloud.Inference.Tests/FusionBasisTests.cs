using System.Numerics.Tensors;
using FaceCloud.Inference.OpenPack;

namespace FaceCloud.Inference.Tests;

public sealed class FusionBasisTests
{
    [Fact]
    public void The_components_are_at_right_angles_hold_what_differs_most_and_are_flattened()
    {
        // Descriptions that differ strongly in 384 known directions, each less than the one before, and hardly in others.
        var random = new Random(3);
        var descriptions = Enumerable.Range(0, 1500).Select(_ => Unit([.. Enumerable.Range(0, 1024).Select(i =>
            (float)((random.NextDouble() - 0.5) * (i < 384 ? 1 - (i / 500.0) : 0.01)) + (i == 1000 ? 3 : 0))])).ToList();

        var basis = FusionBasis.Of(descriptions);
        var components = basis.ByInput();

        // The strongest has length 1, weaker ones are longer.
        Assert.Equal(1, TensorPrimitives.Norm<float>(Column(0)), 0.002);
        Assert.InRange(TensorPrimitives.Norm<float>(Column(383)), 1.2, 10);
        Assert.InRange(TensorPrimitives.Dot<float>(Column(0), Column(1)), -0.003, 0.003);
        Assert.InRange(TensorPrimitives.Dot<float>(Column(0), Column(383)), -0.01, 0.01);

        // They lie in the known directions.
        Assert.All(Enumerable.Range(0, 384), component => Assert.InRange(
            TensorPrimitives.Norm<float>(Column(component).AsSpan(384)) / TensorPrimitives.Norm<float>(Column(component)), 0, 0.1));
        Assert.All(descriptions.Take(50), description => Assert.Equal(1, TensorPrimitives.Norm<float>(basis.Apply(description)), 0.001));
        Assert.Equal(basis.ToBytes(), FusionBasis.Of(descriptions).ToBytes());
        Assert.Equal(basis.ToBytes(), FusionBasis.Read(basis.ToBytes()).ToBytes());

        float[] Column(int component) => [.. Enumerable.Range(0, 1024).Select(i => components[(i * FusionBasis.Components) + component])];
    }

    [Fact]
    public void Too_few_faces_and_other_bytes_are_no_basis()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => FusionBasis.Of([new float[1024]]));
        Assert.Throws<InvalidDataException>(() => FusionBasis.Read(new byte[100]));
    }

    private static float[] Unit(float[] vector)
    {
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }
}
