using FaceCloud.VectorSearch.Qdrant;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FaceCloud.VectorSearch;

/// <summary>
/// Copies of the index that a Qdrant server keeps as files in its folder of snapshots. They hold the vectors of everybody who was in the index that day,
/// also of those who are deleted later, until they are deleted themselves.
/// </summary>
internal sealed class VectorSnapshots : IDisposable
{
    private readonly HttpClient _http;
    private readonly QdrantServer _server;
    private readonly QdrantCollections _collections;

    /// <param name="connectionString">As in <c>ConnectionStrings:vectors</c>.</param>
    /// <param name="collectionPrefix">As in <see cref="VectorSearchOptions.CollectionPrefix"/>.</param>
    /// <exception cref="InvalidOperationException">The connection string is not like <c>Endpoint=http://qdrant:6333;Key=...</c>.</exception>
    public VectorSnapshots(string connectionString, string collectionPrefix)
    {
        // A large collection is copied for as long as it takes.
        _http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        QdrantAddress.Parse(connectionString).SetIn(_http);
        _server = new QdrantServer(_http, NullLogger<QdrantServer>.Instance);
        _collections = new QdrantCollections(_server, Options.Create(new VectorSearchOptions { CollectionPrefix = collectionPrefix }));
    }

    /// <summary>Copies the index of each recogniser.</summary>
    /// <exception cref="Contracts.FailureException">The server is away or refuses.</exception>
    public async Task<IReadOnlyList<VectorSnapshot>> TakeAsync(CancellationToken cancellationToken)
    {
        var taken = new List<VectorSnapshot>();
        foreach (var (recogniser, collection) in await _collections.LiveAsync(cancellationToken))
        {
            taken.Add(Of(recogniser, await _server.TakeSnapshotAsync(collection, cancellationToken)));
        }

        return taken;
    }

    /// <summary>The copies of the indexes as they are now; a rebuild takes those of the index before with it.</summary>
    /// <exception cref="Contracts.FailureException">The server is away or refuses.</exception>
    public async Task<IReadOnlyList<VectorSnapshot>> ListAsync(CancellationToken cancellationToken)
    {
        var list = new List<VectorSnapshot>();
        foreach (var (recogniser, collection) in await _collections.LiveAsync(cancellationToken))
        {
            list.AddRange((await _server.SnapshotsAsync(collection, cancellationToken)).Select(snapshot => Of(recogniser, snapshot)));
        }

        return list;
    }

    /// <returns>Whether there was one of that name.</returns>
    /// <exception cref="Contracts.FailureException">The server is away or refuses.</exception>
    public async Task<bool> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        foreach (var collection in (await _collections.LiveAsync(cancellationToken)).Values)
        {
            if ((await _server.SnapshotsAsync(collection, cancellationToken)).Any(snapshot => snapshot.Name == name))
            {
                await _server.DeleteSnapshotAsync(collection, name, cancellationToken);
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _http.Dispose();

    private static VectorSnapshot Of(string recogniser, QdrantServer.Snapshot snapshot) => new(recogniser, snapshot.Name, snapshot.Size, snapshot.CreationTime);
}

/// <param name="Recogniser">Whose vectors it holds.</param>
/// <param name="Name">Of the file.</param>
/// <param name="Size">In bytes.</param>
/// <param name="TakenAt">UTC; null: the server does not know.</param>
internal sealed record VectorSnapshot(string Recogniser, string Name, long Size, DateTime? TakenAt);
