namespace FaceCloud.VectorSearch.Embedded;

/// <summary>
/// Who is reading which snapshot. Readers never wait; a writer waits for the older ones before it overwrites a vector that their
/// snapshots still hold.
/// </summary>
internal sealed class Readers(FaceTable table)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, int> _byVersion = [];
    private readonly List<(long Version, TaskCompletionSource Gone)> _waiting = [];
    private bool _retired;

    /// <summary>The current snapshot, held until disposed; null once the table was retired.</summary>
    public Lease? Enter()
    {
        lock (_gate)
        {
            if (_retired)
            {
                return null;
            }

            var snapshot = table.Current;
            _byVersion[snapshot.Version] = _byVersion.GetValueOrDefault(snapshot.Version) + 1;
            return new Lease(this, snapshot);
        }
    }

    /// <summary>Completes when nobody reads a snapshot older than the version.</summary>
    public Task NoneBeforeAsync(long version)
    {
        lock (_gate)
        {
            if (IsGone(version))
            {
                return Task.CompletedTask;
            }

            var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((version, gone));
            return gone.Task;
        }
    }

    /// <summary>Lets nobody in from now on, and completes when all have left.</summary>
    public Task RetireAsync()
    {
        lock (_gate)
        {
            _retired = true;
        }

        return NoneBeforeAsync(long.MaxValue);
    }

    private bool IsGone(long version) => _byVersion.Keys.All(active => active >= version);

    private void Leave(long version)
    {
        lock (_gate)
        {
            if (--_byVersion[version] > 0)
            {
                return;
            }

            _byVersion.Remove(version);
            _waiting.RemoveAll(waiting => IsGone(waiting.Version) && waiting.Gone.TrySetResult());
        }
    }

    /// <summary>A snapshot in use.</summary>
    public sealed class Lease(Readers readers, Snapshot snapshot) : IDisposable
    {
        public Snapshot Snapshot { get; } = snapshot;

        public void Dispose() => readers.Leave(Snapshot.Version);
    }
}
