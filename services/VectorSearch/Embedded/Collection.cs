using FaceCloud.Contracts;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.VectorSearch.Embedded;

/// <summary>
/// The faces of one recogniser. Searches read a snapshot and never wait. Changes queue up; whoever holds the writer's turn commits all that
/// are queued with one sync (group commit). A rebuild writes the next generation beside the live one and swaps it in by renaming a file;
/// compaction is a rebuild from the live generation itself.
/// </summary>
internal sealed class Collection : IAsyncDisposable
{
    // Faces a rebuild adds per turn of the writer, so that changes get theirs in between.
    private const int RebuildBatch = 1024;

    private readonly string _recogniser;
    private readonly CollectionFiles _files;
    private readonly int _compactAfter;
    private readonly ILogger _logger;

    private readonly Lock _queueGate = new();
    private readonly SemaphoreSlim _writer = new(1);
    private readonly SemaphoreSlim _rebuilds = new(1);
    private readonly CancellationTokenSource _closing = new();
    private List<QueuedChanges> _queue = [];
    private Task _compaction = Task.CompletedTask;
    private long _compactAt;

    // Written in the writer's turn only.
    private volatile Generation? _live;
    private volatile DamagedLogException? _damage;
    private volatile bool _closed;
    private NextGeneration? _next;

    private Collection(string folder, string recogniser, int compactAfter, ILogger logger)
    {
        _recogniser = recogniser;
        _files = new CollectionFiles(folder);
        _compactAfter = compactAfter;
        _compactAt = compactAfter;
        _logger = logger;
    }

    /// <summary>The log is damaged: nothing but <see cref="RebuildAsync"/> works until that has succeeded.</summary>
    public bool NeedsRebuild => _damage is not null;

    /// <summary>Reads the collection's log, if there is one. A damaged one is reported and kept.</summary>
    public static async Task<Collection> OpenAsync(string folder, string recogniser, int compactAfter, ILogger logger)
    {
        var collection = new Collection(folder, recogniser, compactAfter, logger);
        collection._files.RemoveUnfinished();
        if (File.Exists(collection._files.Live))
        {
            try
            {
                collection._live = await Generation.OpenAsync(collection._files.Live, logger);
            }
            catch (DamagedLogException damage)
            {
                logger.LogError(damage, "The vector index of {Recogniser} is damaged and answers nothing until rebuild-index has run.", recogniser);
                collection._damage = damage;
            }
        }

        return collection;
    }

    /// <exception cref="FailureException">
    /// <see cref="Failure.InvalidRequest"/>: a probe of another dimension. <see cref="Failure.Unavailable"/>: damaged.
    /// </exception>
    public IReadOnlyList<IReadOnlyList<Neighbour>> Search(
        IReadOnlyList<QuantisedProbe> probes, int limit, IndexFilter filter, CancellationToken cancellationToken)
    {
        using var lease = Read(out var generation);
        if (lease is null)
        {
            return [.. probes.Select(_ => Array.Empty<Neighbour>())];
        }

        foreach (var probe in probes)
        {
            UnitVector.CheckDimension(probe.Dimension, generation!.Dimension, "The probe");
        }

        return ExactSearch.Run(lease.Snapshot, generation!.Log, probes, limit, filter, cancellationToken);
    }

    /// <summary>Faces in it, of all galleries.</summary>
    public long Size => _live?.Live ?? 0;

    /// <exception cref="FailureException"><see cref="Failure.Unavailable"/>: damaged.</exception>
    public long Count(IndexFilter filter, CancellationToken cancellationToken)
    {
        using var lease = Read(out _);
        Span<int> rows = stackalloc int[Chunk.Rows];
        var count = 0L;
        for (var chunk = 0; chunk < lease?.Snapshot.Chunks.Length; chunk++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            count += RowFilter.Pass(lease.Snapshot, chunk, filter, rows);
        }

        return count;
    }

    /// <summary>Returns when the changes are on disk and seen by searches, and the vectors they supersede are overwritten.</summary>
    /// <exception cref="FailureException">
    /// <see cref="Failure.InvalidRequest"/>: another dimension. <see cref="Failure.Unavailable"/>: damaged, or the disk did not take them.
    /// </exception>
    public async Task ChangeAsync(IReadOnlyList<Change> changes)
    {
        var mine = new QueuedChanges(changes);
        lock (_queueGate)
        {
            _queue.Add(mine);
        }

        // From here on it may be committed at any time, so there is no cancelling it. Yielding lets a caller queue more before the sync.
        await _writer.WaitAsync().ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            if (!mine.Done.Task.IsCompleted)
            {
                await CommitQueuedAsync();
            }
        }
        finally
        {
            _writer.Release();
        }

        await mine.Done.Task;
    }

    /// <summary>As <see cref="IFaceIndex.RebuildAsync"/> says. One at a time; a second one waits for the first.</summary>
    public async Task<long> RebuildAsync(IAsyncEnumerable<IndexedFace> faces, CancellationToken cancellationToken)
    {
        await _rebuilds.WaitAsync(cancellationToken);
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
            return await BuildNextAsync(() => faces, either.Token);
        }
        finally
        {
            _rebuilds.Release();
        }
    }

    /// <summary>Ends rebuilds, waits for searches and changes under way, and closes the log.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _compaction;
        await _rebuilds.WaitAsync();
        await InTurnAsync(async () =>
        {
            _closed = true;
            try
            {
                await (_live?.CloseAsync() ?? Task.CompletedTask);
            }
            catch (IOException exception)
            {
                _logger.LogError(exception, "The vector index of {Recogniser} was not closed properly; it is checked when next opened.", _recogniser);
            }
        });
        _rebuilds.Release();
        _closing.Dispose();
    }

    private FailureException Damaged() =>
        new(Failure.Unavailable, $"The vector index of {_recogniser} is damaged at byte {_damage?.Offset}; run rebuild-index.", _damage);

    // Null: the collection is empty.
    private Readers.Lease? Read(out Generation? generation)
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_damage is not null)
            {
                throw Damaged();
            }

            generation = _live;
            if (generation is null)
            {
                return null;
            }

            // Retired between those two lines: a swap has put another in its place.
            if (generation.Readers.Enter() is { } lease)
            {
                return lease;
            }
        }
    }

    private async Task InTurnAsync(Func<Task> action)
    {
        await _writer.WaitAsync();
        try
        {
            await action();
        }
        finally
        {
            _writer.Release();
        }
    }

    private async Task CommitQueuedAsync()
    {
        List<QueuedChanges> batch;
        lock (_queueGate)
        {
            (batch, _queue) = (_queue, []);
        }

        try
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            RefuseOtherDimensions(batch);
            await CommitAsync(Change.LastOfEach(batch.SelectMany(queued => queued.Changes)));
            batch.ForEach(queued => queued.Done.SetResult());
        }
        catch (Exception exception)
        {
            var failure = exception is IOException
                ? new FailureException(Failure.Unavailable, $"The vector index cannot be written: {exception.Message}", exception)
                : exception;
            batch.ForEach(queued => queued.Done.SetException(failure));
        }

        CompactIfWorthIt();
    }

    // Takes out, and answers, those whose vectors do not fit: one caller's mistake is not another's.
    private void RefuseOtherDimensions(List<QueuedChanges> batch)
    {
        var dimension = _live?.Dimension ?? _next?.Generation?.Dimension;
        batch.RemoveAll(queued =>
        {
            try
            {
                var own = dimension;
                foreach (var face in queued.Changes.Select(change => change.Face).OfType<IndexedFace>())
                {
                    own ??= face.Embedding.Vector.Length;
                    UnitVector.CheckDimension(face.Embedding.Vector.Length, own.Value, $"The embedding of face {face.FaceId}");
                }

                dimension = own;
                return false;
            }
            catch (FailureException failure)
            {
                queued.Done.SetException(failure);
                return true;
            }
        });
    }

    private async Task CommitAsync(IReadOnlyCollection<Change> changes)
    {
        if (_damage is not null)
        {
            // A rebuild that succeeds will hold them; one that does not leaves the index as unusable as it was.
            await (_next ?? throw Damaged()).MirrorAsync(changes);
            return;
        }

        if (_live is null && changes.FirstOrDefault(change => change.Face is not null).Face is { } first)
        {
            _live = CreateLive(first.Embedding.Vector.Length);
        }

        if (_live is { } live)
        {
            await live.CommitAsync(changes, durable: true);
        }

        if (_next is { } next)
        {
            try
            {
                await next.MirrorAsync(changes);
            }
            catch (Exception exception)
            {
                _logger.LogWarning(exception, "A change reached the vector index of {Recogniser} but not its rebuild, which will fail.", _recogniser);
            }
        }
    }

    private Generation CreateLive(int dimension)
    {
        _files.CreateFolder();
        var generation = Generation.Create(_files.First, dimension);
        try
        {
            generation.Log.Flush();
            _files.MakeLive(_files.First);
            _files.Flush();
            return generation;
        }
        catch
        {
            generation.Log.Dispose();
            throw;
        }
    }

    // Called by the one who holds _rebuilds. The stream is asked for when changes are already mirrored, so that none falls in between.
    private async Task<long> BuildNextAsync(Func<IAsyncEnumerable<IndexedFace>> faces, CancellationToken cancellationToken)
    {
        var next = new NextGeneration(_files.Next);
        await InTurnAsync(() =>
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _files.CreateFolder();
            _next = next;
            return Task.CompletedTask;
        });
        try
        {
            var batch = new List<IndexedFace>(RebuildBatch);
            await foreach (var face in faces().WithCancellation(cancellationToken))
            {
                cancellationToken.ThrowIfCancellationRequested();
                batch.Add(face);
                if (batch.Count == RebuildBatch)
                {
                    await InTurnAsync(() => next.AddAsync(batch));
                    batch.Clear();
                    next.ThrowIfFailed();
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            var count = 0L;
            await InTurnAsync(async () =>
            {
                await next.AddAsync(batch);
                next.ThrowIfFailed();
                await SwapAsync(next.Generation);
                count = next.Generation?.Live ?? 0;
            });
            return count;
        }
        finally
        {
            await InTurnAsync(() => AbandonAsync(next));
        }
    }

    private async Task SwapAsync(Generation? next)
    {
        next?.Log.Seal();
        if (next is null)
        {
            _files.RemoveLive();
        }
        else
        {
            _files.MakeLive(_files.Next);
        }

        // From here on the name means the new file, so changes have to go there even if the folder cannot be synced.
        var old = _live;
        (_live, _damage, _next, _compactAt) = (next, null, null, _compactAfter);
        await (old?.DiscardAsync() ?? Task.CompletedTask);
        _files.Flush();
    }

    // Does nothing after a swap.
    private async Task AbandonAsync(NextGeneration next)
    {
        if (_next == next)
        {
            _next = null;
            await (next.Generation?.DiscardAsync() ?? Task.CompletedTask);
            _files.RemoveUnfinished();
        }
    }

    private void CompactIfWorthIt()
    {
        if (_live is { } live && live.Dead > live.Live && live.Dead >= _compactAt && _compaction.IsCompleted && !_closing.IsCancellationRequested)
        {
            _compaction = Task.Run(() => CompactAsync(live.Dead));
        }
    }

    private async Task CompactAsync(long dead)
    {
        // A rebuild under way compacts as well.
        if (!await _rebuilds.WaitAsync(0))
        {
            return;
        }

        try
        {
            var faces = await BuildNextAsync(() => _live!.Faces().ToAsyncEnumerable(), _closing.Token);
            _logger.LogInformation("The vector index of {Recogniser} was compacted: {Faces} faces, {Dead} dead records.", _recogniser, faces, dead);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            _logger.LogWarning(exception, "The vector index of {Recogniser} could not be compacted; it goes on as it is.", _recogniser);
            _compactAt = dead * 2;
        }
        finally
        {
            _rebuilds.Release();
        }
    }

    private sealed record QueuedChanges(IReadOnlyList<Change> Changes)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
