namespace FaceCloud.VectorSearch.Embedded;

/// <summary>
/// <see cref="Rows"/> rows of a table, one array per column so that a filter touches nothing else. The codes of a chunk (512 KB at 512
/// dimensions) stay in a core's cache while several probes pass over them.
/// </summary>
internal sealed class Chunk(int stride)
{
    public const int Rows = 1024;

    private readonly sbyte[] _codes = new sbyte[Rows * stride];

    /// <summary>The stored vector is about code times scale.</summary>
    public readonly float[] Scale = new float[Rows];

    /// <summary>How far it is from that: an upper bound of the L2 norm of the difference.</summary>
    public readonly float[] Residual = new float[Rows];

    public readonly long[] FaceId = new long[Rows];
    public readonly long[] GalleryId = new long[Rows];
    public readonly long[] PersonId = new long[Rows];
    public readonly long[] AlbumId = new long[Rows];

    /// <summary>Where the record with the full vector begins in the log.</summary>
    public readonly long[] Offset = new long[Rows];

    /// <summary>The version that no longer holds the row; <see cref="long.MaxValue"/> while it is alive.</summary>
    public readonly long[] Died = new long[Rows];

    public ReadOnlySpan<sbyte> Codes(int row) => _codes.AsSpan(row * stride, stride);

    public void Set(int row, in RecordHeader header, ReadOnlySpan<float> vector)
    {
        (Scale[row], Residual[row]) = Quantiser.Quantise(vector, _codes.AsSpan(row * stride, stride));
        FaceId[row] = header.FaceId;
        GalleryId[row] = header.GalleryId;
        PersonId[row] = header.PersonId;
        AlbumId[row] = header.AlbumId;
        Offset[row] = header.Offset;
        Died[row] = long.MaxValue;
    }
}
