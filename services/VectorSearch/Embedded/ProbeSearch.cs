using FaceCloud.Contracts.Ports;

namespace FaceCloud.VectorSearch.Embedded;

/// <summary>One probe's way through a search: first the rows are offered, then the candidates among them are scored exactly.</summary>
internal sealed class ProbeSearch(QuantisedProbe probe, int limit)
{
    // The best `limit` lower bounds so far, the lowest on top. Rows below it are beaten by `limit` others, whatever the codes hide.
    private readonly PriorityQueue<int, double> _lowerBounds = new();
    private readonly List<Candidate> _candidates = [];
    private double _threshold = double.NegativeInfinity;
    private int _pruneAt = 1024;

    private readonly record struct Candidate(int Row, double UpperBound);

    public ReadOnlySpan<short> Codes => probe.Codes;

    /// <summary>Takes note of a row if it can be among the best.</summary>
    public void Offer(int row, int dot, float scale, float residual)
    {
        var (centre, error) = probe.Cosine(dot, scale, residual);
        if (centre + error >= _threshold)
        {
            Keep(row, centre - error, centre + error);
        }
    }

    /// <summary>
    /// The nearest rows with their cosines. Candidates are read in the order of their upper bounds, until the next one cannot reach the
    /// worst that would be returned.
    /// </summary>
    public IReadOnlyList<Neighbour> Rescore(Snapshot snapshot, FaceLog log, CancellationToken cancellationToken)
    {
        Prune();
        _candidates.Sort((left, right) => right.UpperBound.CompareTo(left.UpperBound));
        var vector = new float[log.Stride];
        var best = new PriorityQueue<Neighbour, Neighbour>(WorstFirst.Instance);
        for (var i = 0; i < _candidates.Count; i++)
        {
            var (row, upperBound) = _candidates[i];
            if (best.Count == limit && upperBound < best.Peek().Cosine)
            {
                break;
            }

            if (i % Chunk.Rows == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            var chunk = snapshot.Chunks[row / Chunk.Rows];
            row %= Chunk.Rows;
            log.ReadVector(chunk.Offset[row], vector);
            var person = chunk.PersonId[row];
            var neighbour = new Neighbour(chunk.FaceId[row], person == Layout.None ? null : person, ExactCosine.Of(probe.Vector, vector));
            if (best.Count < limit)
            {
                best.Enqueue(neighbour, neighbour);
            }
            else
            {
                best.EnqueueDequeue(neighbour, neighbour);
            }
        }

        var nearest = new Neighbour[best.Count];
        for (var i = nearest.Length - 1; i >= 0; i--)
        {
            nearest[i] = best.Dequeue();
        }

        return nearest;
    }

    private void Keep(int row, double lowerBound, double upperBound)
    {
        _candidates.Add(new Candidate(row, upperBound));
        if (_lowerBounds.Count < limit)
        {
            _lowerBounds.Enqueue(row, lowerBound);
        }
        else
        {
            _lowerBounds.EnqueueDequeue(row, lowerBound);
        }

        if (_lowerBounds.Count == limit)
        {
            _lowerBounds.TryPeek(out _, out _threshold);
        }

        if (_candidates.Count >= _pruneAt)
        {
            Prune();
            _pruneAt = Math.Max(_pruneAt, _candidates.Count * 2);
        }
    }

    private void Prune() => _candidates.RemoveAll(candidate => candidate.UpperBound < _threshold);

    /// <summary>Lowest cosine first; among equal ones the higher id.</summary>
    private sealed class WorstFirst : IComparer<Neighbour>
    {
        public static readonly WorstFirst Instance = new();

        public int Compare(Neighbour x, Neighbour y) => x.Cosine != y.Cosine ? x.Cosine.CompareTo(y.Cosine) : y.FaceId.CompareTo(x.FaceId);
    }
}
