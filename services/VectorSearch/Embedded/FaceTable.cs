namespace FaceCloud.VectorSearch.Embedded;

/// <summary>
/// What searches scan, in memory: about 0.6 KB per face of 512 dimensions. Rows are appended and never change, but for the version in
/// which they died; a replaced face dies and comes back as a new row. So a snapshot (how many rows, which version) stays true for as long
/// as somebody reads it, without a lock.
/// </summary>
internal sealed class FaceTable(int dimension)
{
    private readonly Dictionary<long, int> _rows = [];
    private Chunk[] _chunks = [];
    private int _count;
    private volatile Snapshot _current = new([], 0, 0);

    public int Dimension { get; } = dimension;

    /// <summary>Faces that are alive.</summary>
    public int Live => _rows.Count;

    /// <summary>What was published last.</summary>
    public Snapshot Current => _current;

    public bool Contains(long faceId) => _rows.ContainsKey(faceId);

    /// <summary>Adds a face. One of the same id must have been removed before.</summary>
    /// <param name="header">Its id, tags and place in the log.</param>
    /// <param name="vector"><see cref="Dimension"/> floats, or more with zeros behind.</param>
    public void Add(in RecordHeader header, ReadOnlySpan<float> vector)
    {
        if (_count == _chunks.Length * Chunk.Rows)
        {
            _chunks = [.. _chunks, new Chunk(Layout.Stride(Dimension))];
        }

        _chunks[^1].Set(_count % Chunk.Rows, header, vector);
        _rows.Add(header.FaceId, _count++);
    }

    /// <summary>Lets a face die in the given version.</summary>
    /// <returns>Where its record is in the log; null if there is no such face.</returns>
    public long? Remove(long faceId, long version)
    {
        if (!_rows.Remove(faceId, out var row))
        {
            return null;
        }

        var chunk = _chunks[row / Chunk.Rows];
        Volatile.Write(ref chunk.Died[row % Chunk.Rows], version);
        return chunk.Offset[row % Chunk.Rows];
    }

    /// <summary>Shows all changes so far to the searches that start from now on.</summary>
    public void Publish(long version) => _current = new Snapshot(_chunks, _count, version);
}

/// <summary>The rows of a table as they were in one version.</summary>
internal sealed record Snapshot(Chunk[] Chunks, int Count, long Version)
{
    /// <summary>How many rows of the chunk with this index belong to the snapshot.</summary>
    public int RowsIn(int chunk) => Math.Min(Chunk.Rows, Count - chunk * Chunk.Rows);
}
