namespace FaceCloud.VectorSearch.Embedded;

/// <summary>How vectors lie in memory and on disk.</summary>
internal static class Layout
{
    /// <summary>The longest vector taken; int8 dot products cannot overflow up to here (see <see cref="QuantisedProbe"/>).</summary>
    public const int MaxDimension = 4096;

    /// <summary>Stands for "no person" and "no album" where ids are plain numbers.</summary>
    public const long None = long.MinValue;

    /// <summary>Elements a vector takes: its dimension rounded up to 64, zeros behind it, so that no loop needs a tail and records stay aligned.</summary>
    public static int Stride(int dimension) => (dimension + 63) / 64 * 64;
}
