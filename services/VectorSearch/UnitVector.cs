using FaceCloud.Contracts;
using FaceCloud.VectorSearch.Embedded;

namespace FaceCloud.VectorSearch;

/// <summary>The check every vector passes where it enters: only unit vectors have cosines as dot products, and one NaN would spoil every order.</summary>
internal static class UnitVector
{
    /// <summary>How far the L2 norm may be from 1.</summary>
    public const double Tolerance = 1e-3;

    /// <exception cref="FailureException"><see cref="Failure.InvalidRequest"/>: no dimension, too many, not finite, or not of norm 1.</exception>
    public static void Check(ReadOnlySpan<float> vector, string what)
    {
        if (vector.Length is 0 or > Layout.MaxDimension)
        {
            throw Invalid($"{what} has {vector.Length} dimensions; 1 to {Layout.MaxDimension} are possible.");
        }

        var squares = 0.0;
        foreach (var value in vector)
        {
            squares += (double)value * value;
        }

        var norm = Math.Sqrt(squares);
        if (!double.IsFinite(norm))
        {
            throw Invalid($"{what} holds a value that is not a finite number.");
        }

        if (Math.Abs(norm - 1) > Tolerance)
        {
            throw Invalid($"{what} has length {norm:0.####}; embeddings are unit vectors.");
        }
    }

    /// <exception cref="FailureException"><see cref="Failure.InvalidRequest"/>: vectors of another length cannot be compared.</exception>
    public static void CheckDimension(int actual, int expected, string what)
    {
        if (actual != expected)
        {
            throw Invalid($"{what} has {actual} dimensions; this index holds vectors of {expected}.");
        }
    }

    private static FailureException Invalid(string message) => new(Failure.InvalidRequest, message);
}
