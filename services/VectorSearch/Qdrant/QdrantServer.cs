using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using FaceCloud.Contracts;

namespace FaceCloud.VectorSearch.Qdrant;

/// <summary>
/// The calls to a Qdrant server that the index makes, over REST: <see href="https://api.qdrant.tech/api-reference"/>. All of them may be repeated.
/// Each throws a <see cref="FailureException"/> (<see cref="Failure.Unavailable"/>) while the server cannot do it, and a
/// <see cref="CollectionGoneException"/> where the collection or the alias is not there.
/// </summary>
/// <param name="http">Its base address is the server's; it sends the key.</param>
/// <param name="logger">Is told why the server refuses, which callers cannot mend.</param>
internal sealed class QdrantServer(HttpClient http, ILogger<QdrantServer> logger)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    // A change is acknowledged once searches see it; on several nodes, changes of a point happen in one order.
    private const string Change = "wait=true&ordering=medium";

    public async Task<Version> VersionAsync(CancellationToken cancellationToken)
    {
        var text = (await SendAsync<About>(HttpMethod.Get, "", null, cancellationToken)).Version;
        return Version.TryParse(text.Split('-')[0], out var version) ? version : throw Refused($"it gives its version as {text}");
    }

    /// <returns>The names of the collections, by the aliases that lead to them.</returns>
    public async Task<Dictionary<string, string>> AliasesAsync(CancellationToken cancellationToken) =>
        (await ResultAsync<AliasList>(HttpMethod.Get, "aliases", null, cancellationToken)).Aliases
            .ToDictionary(alias => alias.AliasName, alias => alias.CollectionName);

    /// <summary>All at once: nobody sees some of them only.</summary>
    public Task ChangeAliasesAsync(IEnumerable<AliasAction> actions, CancellationToken cancellationToken) =>
        ResultAsync<bool>(HttpMethod.Post, "collections/aliases", new { Actions = actions.Select(action => action.ToBody()) }, cancellationToken);

    public async Task<IReadOnlyList<string>> CollectionsAsync(CancellationToken cancellationToken) =>
        [.. (await ResultAsync<CollectionList>(HttpMethod.Get, "collections", null, cancellationToken)).Collections.Select(collection => collection.Name)];

    /// <summary>Creates a collection, unless it is there.</summary>
    public async Task CreateCollectionAsync(string collection, object settings, CancellationToken cancellationToken)
    {
        if (!(await ResultAsync<Existence>(HttpMethod.Get, $"{Path(collection)}/exists", null, cancellationToken)).Exists)
        {
            await ResultAsync<bool>(HttpMethod.Put, Path(collection), settings, cancellationToken, unless: HttpStatusCode.Conflict);
        }
    }

    public Task DeleteCollectionAsync(string collection, CancellationToken cancellationToken) =>
        ResultAsync<bool>(HttpMethod.Delete, Path(collection), null, cancellationToken, unless: HttpStatusCode.NotFound);

    /// <summary>How many points a collection has, about.</summary>
    public async Task<long> SizeAsync(string collection, CancellationToken cancellationToken) =>
        (await ResultAsync<CollectionFacts>(HttpMethod.Get, Path(collection), null, cancellationToken)).PointsCount ?? 0;

    /// <summary>Makes a field of the payload one that searches may filter by.</summary>
    public Task IndexPayloadAsync(string collection, string field, object schema, CancellationToken cancellationToken) =>
        ResultAsync<Update>(HttpMethod.Put, $"{Path(collection)}/index?wait=true", new { FieldName = field, FieldSchema = schema }, cancellationToken);

    /// <param name="collection">Where to.</param>
    /// <param name="points">Each id once.</param>
    /// <param name="insertOnly">Points that are there already stay as they are.</param>
    /// <param name="cancellationToken">Some may be there and some not.</param>
    public Task UpsertAsync(string collection, IEnumerable<Point> points, bool insertOnly, CancellationToken cancellationToken) => ResultAsync<Update>(
        HttpMethod.Put, $"{Path(collection)}/points?{Change}", new { Points = points, UpdateMode = insertOnly ? "insert_only" : "upsert" }, cancellationToken);

    public Task DeleteAsync(string collection, IEnumerable<long> ids, CancellationToken cancellationToken) =>
        ResultAsync<Update>(HttpMethod.Post, $"{Path(collection)}/points/delete?{Change}", new { Points = ids }, cancellationToken);

    public Task DeleteAsync(string collection, Filter filter, CancellationToken cancellationToken) =>
        ResultAsync<Update>(HttpMethod.Post, $"{Path(collection)}/points/delete?{Change}", new { Filter = filter }, cancellationToken);

    /// <returns>One list for each search, in order.</returns>
    public async Task<IReadOnlyList<IReadOnlyList<ScoredPoint>>> SearchAsync(
        string collection, IEnumerable<object> searches, CancellationToken cancellationToken) =>
        [.. (await ResultAsync<Found[]>(HttpMethod.Post, $"{Path(collection)}/points/query/batch", new { Searches = searches }, cancellationToken))
            .Select(found => found.Points)];

    public async Task<long> CountAsync(string collection, Filter filter, CancellationToken cancellationToken) =>
        (await ResultAsync<Counted>(HttpMethod.Post, $"{Path(collection)}/points/count", new { Filter = filter, Exact = true }, cancellationToken)).Count;

    /// <summary>Copies a collection to a file in the server's folder of snapshots.</summary>
    public Task<Snapshot> TakeSnapshotAsync(string collection, CancellationToken cancellationToken) =>
        ResultAsync<Snapshot>(HttpMethod.Post, $"{Path(collection)}/snapshots?wait=true", null, cancellationToken);

    public Task<List<Snapshot>> SnapshotsAsync(string collection, CancellationToken cancellationToken) =>
        ResultAsync<List<Snapshot>>(HttpMethod.Get, $"{Path(collection)}/snapshots", null, cancellationToken);

    public Task DeleteSnapshotAsync(string collection, string name, CancellationToken cancellationToken) =>
        ResultAsync<bool>(HttpMethod.Delete, $"{Path(collection)}/snapshots/{Uri.EscapeDataString(name)}?wait=true", null, cancellationToken);

    private static string Path(string collection) => $"collections/{Uri.EscapeDataString(collection)}";

    private async Task<T> ResultAsync<T>(
        HttpMethod method, string path, object? body, CancellationToken cancellationToken, HttpStatusCode? unless = null) =>
        (await SendAsync<Answer<T>>(method, path, body, cancellationToken, unless)).Result;

    /// <param name="method">Of the request.</param>
    /// <param name="path">Relative to the server.</param>
    /// <param name="body">Null: none.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <param name="unless">A status that says that it is done already.</param>
    private async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellationToken, HttpStatusCode? unless = null)
        where T : new()
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            // Bytes, because what is repeated after a failure has to be of known length.
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, Json));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            if (response.StatusCode == unless)
            {
                return new T();
            }

            if (!response.IsSuccessStatusCode)
            {
                throw await FailureAsync(response, cancellationToken);
            }

            return await response.Content.ReadFromJsonAsync<T>(Json, cancellationToken) ?? throw Refused("its answer is empty");
        }
        catch (HttpRequestException e)
        {
            throw new FailureException(Failure.Unavailable, "The vector database does not answer; try again.", e);
        }
    }

    private async Task<Exception> FailureAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var reason = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.NotFound => new CollectionGoneException(reason),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Refused("the key is wrong"),
            _ => Refused($"status {(int)response.StatusCode}, {reason}"),
        };
    }

    private FailureException Refused(string reason)
    {
        logger.LogError("Qdrant refuses: {Reason}", reason);
        return new FailureException(Failure.Unavailable, "The vector database refuses what it is asked; the log of vector-search says why.");
    }

    /// <summary>A vector and what is known of it.</summary>
    internal sealed record Point(long Id, ReadOnlyMemory<float> Vector, object Payload);

    /// <param name="Name">Of the file.</param>
    /// <param name="Size">In bytes.</param>
    /// <param name="CreationTime">Null: the server does not know.</param>
    internal readonly record struct Snapshot(string Name, long Size, DateTime? CreationTime);

    internal sealed record Filter(IEnumerable<Condition> Must);

    internal sealed record Condition(string Key, Match Match);

    internal sealed record Match(object Value);

    internal sealed record ScoredPoint(long Id, float Score, Dictionary<string, JsonElement>? Payload);

    /// <param name="Alias">The alias that changes.</param>
    /// <param name="Collection">Where it leads from now on; null: it goes.</param>
    internal sealed record AliasAction(string Alias, string? Collection)
    {
        public object ToBody() => Collection is null
            ? new { DeleteAlias = new { AliasName = Alias } }
            : new { CreateAlias = new { CollectionName = Collection, AliasName = Alias } };
    }

    private readonly record struct Answer<T>(T Result);

    private readonly record struct About(string Version);

    private readonly record struct AliasList(IReadOnlyList<AliasOf> Aliases);

    private readonly record struct AliasOf(string AliasName, string CollectionName);

    private readonly record struct CollectionList(IReadOnlyList<Named> Collections);

    private readonly record struct Named(string Name);

    private readonly record struct Existence(bool Exists);

    private readonly record struct CollectionFacts(long? PointsCount);

    private readonly record struct Update(string Status);

    private readonly record struct Found(IReadOnlyList<ScoredPoint> Points);

    private readonly record struct Counted(long Count);
}
