using FaceCloud.Contracts.Ports;

namespace FaceCloud.VectorSearch.Embedded;

/// <summary>
/// The nearest faces, exactly: every row that passes the filter is scored with its 8-bit codes, which gives an interval that the cosine
/// provably lies in; rows whose interval reaches into the best <c>limit</c> are scored again with the full vectors.
/// One thread per search; searches run beside each other.
/// </summary>
internal static class ExactSearch
{
    public static IReadOnlyList<IReadOnlyList<Neighbour>> Run(
        Snapshot snapshot, FaceLog log, IReadOnlyList<QuantisedProbe> probes, int limit, IndexFilter filter, CancellationToken cancellationToken)
    {
        var searches = probes.Select(probe => new ProbeSearch(probe, limit)).ToArray();
        Span<int> rows = stackalloc int[Chunk.Rows];
        for (var c = 0; c < snapshot.Chunks.Length; c++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var passing = rows[..RowFilter.Pass(snapshot, c, filter, rows)];
            Scan(snapshot.Chunks[c], c * Chunk.Rows, passing, searches);
        }

        return [.. searches.Select(search => search.Rescore(snapshot, log, cancellationToken))];
    }

    private static void Scan(Chunk chunk, int firstRow, ReadOnlySpan<int> rows, ReadOnlySpan<ProbeSearch> searches)
    {
        while (searches.Length >= 4)
        {
            var (a, b, c, d) = (searches[0], searches[1], searches[2], searches[3]);
            foreach (var row in rows)
            {
                var dots = CodeDot.Four(chunk.Codes(row), a.Codes, b.Codes, c.Codes, d.Codes);
                var (scale, residual) = (chunk.Scale[row], chunk.Residual[row]);
                a.Offer(firstRow + row, dots.A, scale, residual);
                b.Offer(firstRow + row, dots.B, scale, residual);
                c.Offer(firstRow + row, dots.C, scale, residual);
                d.Offer(firstRow + row, dots.D, scale, residual);
            }

            searches = searches[4..];
        }

        foreach (var search in searches)
        {
            foreach (var row in rows)
            {
                search.Offer(firstRow + row, CodeDot.One(chunk.Codes(row), search.Codes), chunk.Scale[row], chunk.Residual[row]);
            }
        }
    }
}
