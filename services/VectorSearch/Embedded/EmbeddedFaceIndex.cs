using System.Collections.Concurrent;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using Microsoft.Extensions.Options;

namespace FaceCloud.VectorSearch.Embedded;

/// <summary>
/// The index that needs no server: one folder, in it one <see cref="Collection"/> per recogniser, opened when first asked for.
/// </summary>
internal sealed class EmbeddedFaceIndex(IOptions<VectorSearchOptions> options, ILogger<EmbeddedFaceIndex> logger) : IFaceIndex, IAsyncDisposable
{
    private readonly string _folder = Path.GetFullPath(options.Value.Path);
    private readonly ConcurrentDictionary<string, Lazy<Task<Collection>>> _collections = new();
    private readonly Lock _gate = new();
    private IDisposable? _lock;
    private bool _disposed;
    private volatile bool _open;

    /// <summary>Every collection that was in the folder has been opened.</summary>
    public bool IsOpen => _open;

    /// <summary>A collection is damaged; see <see cref="NeedsRebuildAsync"/>.</summary>
    public bool IsDamaged =>
        _collections.Values.Any(collection => collection.Value is { IsCompletedSuccessfully: true, Result.NeedsRebuild: true });

    /// <summary>How many faces the collections that are open hold, by recogniser.</summary>
    public IEnumerable<(string Recogniser, long Faces)> Sizes =>
        from collection in _collections where collection.Value.Value.IsCompletedSuccessfully select (collection.Key, collection.Value.Value.Result.Size);

    /// <summary>Opens every collection in the folder, so that no request waits for that. A damaged one is logged, not thrown.</summary>
    /// <exception cref="FailureException"><see cref="Failure.Unavailable"/>: another process uses the folder.</exception>
    public async Task OpenAllAsync(CancellationToken cancellationToken)
    {
        LockFolder();
        foreach (var folder in Directory.EnumerateDirectories(_folder))
        {
            await OpenAsync(RecogniserName.Decode(Path.GetFileName(folder)), cancellationToken);
        }

        _open = true;
    }

    /// <summary>The recogniser's log is damaged; searches and changes fail until it is rebuilt.</summary>
    public async Task<bool> NeedsRebuildAsync(string recogniser, CancellationToken cancellationToken) =>
        (await OpenAsync(recogniser, cancellationToken)).NeedsRebuild;

    public async Task UpsertAsync(string recogniser, IReadOnlyList<IndexedFace> faces, CancellationToken cancellationToken)
    {
        var changes = faces.Select(Change.Upsert).ToArray();
        var collection = await OpenAsync(recogniser, cancellationToken);
        if (changes.Length > 0)
        {
            await collection.ChangeAsync(changes);
        }
    }

    public async Task DeleteAsync(string recogniser, IReadOnlyList<long> faceIds, CancellationToken cancellationToken)
    {
        var changes = faceIds.Select(Change.Delete).ToArray();
        var collection = await OpenAsync(recogniser, cancellationToken);
        if (changes.Length > 0)
        {
            await collection.ChangeAsync(changes);
        }
    }

    public async Task<IReadOnlyList<IReadOnlyList<Neighbour>>> SearchAsync(
        string recogniser, IReadOnlyList<FaceEmbedding> probes, int limit, IndexFilter filter, CancellationToken cancellationToken)
    {
        if (limit < 1)
        {
            throw new FailureException(Failure.InvalidRequest, $"The limit is {limit}; at least one neighbour has to be asked for.");
        }

        CheckFilter(filter);
        foreach (var probe in probes)
        {
            UnitVector.Check(probe.Vector.Span, "The probe");
        }

        var collection = await OpenAsync(recogniser, cancellationToken);
        var quantised = probes.Select(probe => new QuantisedProbe(probe.Vector.Span)).ToArray();
        return await Task.Run(() => collection.Search(quantised, limit, filter, cancellationToken), cancellationToken);
    }

    public async Task<long> CountAsync(string recogniser, IndexFilter filter, CancellationToken cancellationToken)
    {
        CheckFilter(filter);
        return (await OpenAsync(recogniser, cancellationToken)).Count(filter, cancellationToken);
    }

    public async Task<long> RebuildAsync(string recogniser, IAsyncEnumerable<IndexedFace> faces, CancellationToken cancellationToken) =>
        await (await OpenAsync(recogniser, cancellationToken)).RebuildAsync(faces, cancellationToken);

    /// <summary>Waits for what is under way, closes all files and releases the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        foreach (var collection in _collections.Values)
        {
            var opening = collection.Value;
            await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (opening.IsCompletedSuccessfully)
            {
                await opening.Result.DisposeAsync();
            }
        }

        _lock?.Dispose();
    }

    private static void CheckFilter(IndexFilter filter)
    {
        Change.CheckTag(filter.PersonId);
        Change.CheckTag(filter.AlbumId);
    }

    private async Task<Collection> OpenAsync(string recogniser, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(_folder, RecogniserName.Encode(recogniser));
        LockFolder();
        var opening = _collections.GetOrAdd(
            recogniser,
            name => new Lazy<Task<Collection>>(() => Task.Run(() => Collection.OpenAsync(folder, name, options.Value.CompactAfter, logger))));
        try
        {
            // Opening goes on for the others who wait for it when this caller gives up.
            return await opening.Value.WaitAsync(cancellationToken);
        }
        catch when (opening.Value.IsFaulted)
        {
            // The disk may answer next time.
            _collections.TryRemove(new(recogniser, opening));
            throw;
        }
    }

    private void LockFolder()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _lock ??= FolderLock.Take(_folder);
        }
    }
}
