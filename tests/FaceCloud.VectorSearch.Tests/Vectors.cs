namespace FaceCloud.VectorSearch.Tests;

/// <summary>Unit vectors from seeds.</summary>
internal static class Vectors
{
    public static float[] Of(long seed, int dimension = 64) => Random(new Random((int)seed), dimension);

    /// <summary>Even in all directions.</summary>
    public static float[] Random(Random random, int dimension) => Normalise(Gaussian(random, dimension));

    /// <summary>Near a centre, as the photos of one person are; <paramref name="spread"/> is the length of the noise.</summary>
    public static float[] Near(float[] centre, double spread, Random random)
    {
        var noise = Random(random, centre.Length);
        return Normalise([.. centre.Select((value, i) => value + spread * noise[i])]);
    }

    private static double[] Gaussian(Random random, int dimension) =>
        [.. Enumerable.Range(0, dimension).Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble()))];

    private static float[] Normalise(double[] vector)
    {
        var norm = Math.Sqrt(vector.Sum(value => value * value));
        return [.. vector.Select(value => (float)(value / norm))];
    }
}
