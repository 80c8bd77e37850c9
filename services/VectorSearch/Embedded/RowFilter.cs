using FaceCloud.Contracts.Ports;

namespace FaceCloud.VectorSearch.Embedded;

/// <summary>Which rows of a snapshot a search or a count is about.</summary>
internal static class RowFilter
{
    /// <summary>Lists the rows of one chunk that are alive in the snapshot and pass the filter.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="chunkIndex">Which of its chunks.</param>
    /// <param name="filter">What to keep.</param>
    /// <param name="rows">Receives their numbers within the chunk, ascending; <see cref="Chunk.Rows"/> places.</param>
    /// <returns>How many there are.</returns>
    public static int Pass(Snapshot snapshot, int chunkIndex, IndexFilter filter, Span<int> rows)
    {
        var chunk = snapshot.Chunks[chunkIndex];
        var passed = 0;
        for (var row = 0; row < snapshot.RowsIn(chunkIndex); row++)
        {
            if (chunk.GalleryId[row] == filter.GalleryId
                && Volatile.Read(ref chunk.Died[row]) > snapshot.Version
                && (filter.PersonId is not { } person || chunk.PersonId[row] == person)
                && (filter.AlbumId is not { } album || chunk.AlbumId[row] == album)
                && (filter.Identified is not { } identified || chunk.PersonId[row] != Layout.None == identified))
            {
                rows[passed++] = row;
            }
        }

        return passed;
    }
}
