using System.Numerics;

namespace FaceCloud.VectorSearch.Embedded;

/// <summary>
/// The cosine that is reported: the dot product of two unit vectors, summed in double and rounded once. So it does not depend on the order
/// of the sum, and equal vectors tie on every machine.
/// </summary>
internal static class ExactCosine
{
    /// <param name="left">Floats, a multiple of 64.</param>
    /// <param name="right">As many.</param>
    public static float Of(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var (low, high) = (Vector<double>.Zero, Vector<double>.Zero);
        for (var i = 0; i < left.Length; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(left[i..]), out var left0, out var left1);
            Vector.Widen(new Vector<float>(right[i..]), out var right0, out var right1);
            low += left0 * right0;
            high += left1 * right1;
        }

        return (float)Vector.Sum(low + high);
    }
}
