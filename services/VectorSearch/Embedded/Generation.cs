using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.VectorSearch.Embedded;

/// <summary>One log and the table read from it. A rebuild or a compaction makes the next generation beside it. One writer at a time.</summary>
internal sealed class Generation
{
    private readonly FaceTable _table;

    // Records of dead faces whose vectors are still to be overwritten; what a failed write left here is tried again by the next change.
    private readonly List<long> _toErase;

    private Generation(FaceLog log, FaceTable table, List<long> toErase)
    {
        Log = log;
        _table = table;
        _toErase = toErase;
        Readers = new Readers(table);
    }

    public FaceLog Log { get; }

    public Readers Readers { get; }

    public int Dimension => _table.Dimension;

    /// <summary>Faces in it.</summary>
    public int Live => _table.Live;

    /// <summary>Records that say nothing any more.</summary>
    public long Dead => Log.Records - Live;

    /// <summary>An empty generation in a new file.</summary>
    public static Generation Create(string path, int dimension) => new(FaceLog.Create(path, dimension), new FaceTable(dimension), []);

    /// <summary>The generation in a file; vectors that a crash kept from being erased are erased now.</summary>
    /// <exception cref="DamagedLogException">The file cannot be trusted.</exception>
    public static async Task<Generation> OpenAsync(string path, ILogger logger)
    {
        var log = FaceLog.Open(path);
        try
        {
            var (table, notErased) = LogReplay.Run(log, path, logger);
            var generation = new Generation(log, table, notErased);
            await generation.EraseAsync(durable: true);
            return generation;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Applies changes of distinct faces: the log first, then memory, so that no search sees what a crash could take back; last, vectors of
    /// replaced and deleted faces are overwritten, even when a deleted face is gone already and only its vector is left from a failed write.
    /// </summary>
    /// <param name="all">The changes; deletes of faces that are not here say nothing.</param>
    /// <param name="durable">Sync the file before each of those steps ends; false while the file is not yet the live one.</param>
    public async Task CommitAsync(IReadOnlyCollection<Change> all, bool durable)
    {
        var changes = all.Where(change => change.Face is not null || _table.Contains(change.FaceId)).ToList();
        if (changes.Count > 0)
        {
            var records = Log.Append(changes);
            if (durable)
            {
                Log.Flush();
            }

            foreach (var (record, change) in records.Zip(changes))
            {
                if (_table.Remove(record.FaceId, Log.Commit) is { } dead)
                {
                    _toErase.Add(dead);
                }

                if (change.Face is { } face)
                {
                    _table.Add(record, face.Embedding.Vector.Span);
                }
            }

            _table.Publish(Log.Commit);
        }

        await EraseAsync(durable);
    }

    /// <summary>
    /// The faces alive now, read one by one without holding up the writer: faces that are changed meanwhile are left out, or given as they
    /// were before.
    /// </summary>
    public IEnumerable<IndexedFace> Faces()
    {
        var snapshot = _table.Current;
        for (var row = 0; row < snapshot.Count; row++)
        {
            if (Read(snapshot.Chunks[row / Chunk.Rows], row % Chunk.Rows) is { } face)
            {
                yield return face;
            }
        }
    }

    /// <summary>Marks the log complete, waits for the searches in it and closes it.</summary>
    public async Task CloseAsync()
    {
        await Readers.RetireAsync();
        try
        {
            Log.Seal();
        }
        finally
        {
            Log.Dispose();
        }
    }

    /// <summary>Waits for the searches in it and closes it; its file is no longer wanted.</summary>
    public async Task DiscardAsync()
    {
        await Readers.RetireAsync();
        Log.Dispose();
    }

    private async Task EraseAsync(bool durable)
    {
        if (_toErase.Count == 0)
        {
            return;
        }

        await Readers.NoneBeforeAsync(_table.Current.Version);
        _toErase.ForEach(Log.Erase);
        if (durable)
        {
            Log.Flush();
        }

        _toErase.Clear();
    }

    private IndexedFace? Read(Chunk chunk, int row)
    {
        var vector = new float[Log.Stride];
        if (Volatile.Read(ref chunk.Died[row]) == long.MaxValue)
        {
            Log.ReadVector(chunk.Offset[row], vector);
        }

        // A row dies before its vector is overwritten, so what was read is whole if the row is still alive.
        return Volatile.Read(ref chunk.Died[row]) != long.MaxValue
            ? null
            : new IndexedFace(
                chunk.FaceId[row],
                chunk.GalleryId[row],
                OrNull(chunk.PersonId[row]),
                OrNull(chunk.AlbumId[row]),
                new FaceEmbedding(vector.AsMemory(0, Dimension)));
    }

    private static long? OrNull(long id) => id == Layout.None ? null : id;
}
