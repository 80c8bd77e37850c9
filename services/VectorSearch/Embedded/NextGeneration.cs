using FaceCloud.Contracts.Ports;

namespace FaceCloud.VectorSearch.Embedded;

/// <summary>
/// The generation that a rebuild or a compaction makes while the live one serves. It is fed from a stream and from the changes that arrive
/// meanwhile; those are newer than anything the stream says of the same face. Nothing is synced before the swap: until then it may be lost.
/// </summary>
internal sealed class NextGeneration(string path)
{
    private readonly HashSet<long> _changedMeanwhile = [];
    private Exception? _failure;

    /// <summary>Null as long as no face was added.</summary>
    public Generation? Generation { get; private set; }

    /// <summary>Adds what the stream says.</summary>
    public Task AddAsync(IEnumerable<IndexedFace> faces) =>
        PutAsync(Change.LastOfEach(faces.Where(face => !_changedMeanwhile.Contains(face.FaceId)).Select(Change.Upsert)));

    /// <summary>Applies changes made to the live index. If this fails the rebuild has failed, not the change.</summary>
    public async Task MirrorAsync(IReadOnlyCollection<Change> changes)
    {
        foreach (var change in changes)
        {
            _changedMeanwhile.Add(change.FaceId);
        }

        try
        {
            await PutAsync(changes);
        }
        catch (Exception exception)
        {
            _failure ??= exception;
            throw;
        }
    }

    /// <exception cref="InvalidOperationException">A change could not be applied, so the faces here are not those of the live index.</exception>
    public void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            throw new InvalidOperationException($"A change made during the rebuild could not be applied to the new index: {_failure.Message}", _failure);
        }
    }

    private async Task PutAsync(IReadOnlyCollection<Change> changes)
    {
        foreach (var face in changes.Select(change => change.Face).OfType<IndexedFace>())
        {
            var dimension = face.Embedding.Vector.Length;
            Generation ??= Generation.Create(path, dimension);
            UnitVector.CheckDimension(dimension, Generation.Dimension, $"The embedding of face {face.FaceId}");
        }

        if (Generation is not null)
        {
            await Generation.CommitAsync(changes, durable: false);
        }
    }
}
