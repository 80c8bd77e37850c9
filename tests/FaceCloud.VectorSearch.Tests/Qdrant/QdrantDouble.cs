using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FaceCloud.VectorSearch.Tests.Qdrant;

/// <summary>
/// Stands in for a Qdrant server where there is none: the calls that the index makes, in memory and with exact searches. It is as strict as the published
/// schema (https://api.qdrant.tech): an unknown field or value is refused. What it cannot show is how well and how fast a real one searches.
/// </summary>
internal sealed class QdrantDouble : IAsyncDisposable
{
    public const string Key = "double";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    private readonly Lock _gate = new();
    private readonly WebApplication _app;

    private QdrantDouble(WebApplication app) => _app = app;

    public string Version { get; set; } = "1.17.0";

    public Dictionary<string, Stored> Collections { get; } = [];

    public Dictionary<string, string> Aliases { get; } = [];

    /// <summary>What was asked, as in <c>PUT /collections/x</c>.</summary>
    public ConcurrentQueue<string> Calls { get; } = [];

    public string ConnectionString => $"Endpoint={_app.Urls.First()};Key={Key}";

    public static async Task<QdrantDouble> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRouting();
        builder.Logging.ClearProviders();
        var server = new QdrantDouble(builder.Build());
        server.Map();
        await server._app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Map()
    {
        _app.Use(async (http, next) =>
        {
            Calls.Enqueue($"{http.Request.Method} {http.Request.Path}");
            if (http.Request.Path != "/" && http.Request.Headers["api-key"] != Key)
            {
                http.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return;
            }

            try
            {
                await next();
            }
            catch (Refusal refusal)
            {
                http.Response.StatusCode = refusal.Status;
                await http.Response.WriteAsJsonAsync(new { Status = new { Error = refusal.Message } }, Json);
            }
            catch (JsonException e)
            {
                http.Response.StatusCode = StatusCodes.Status400BadRequest;
                await http.Response.WriteAsJsonAsync(new { Status = new { Error = e.Message } }, Json);
            }
        });
        _app.UseRouting();
        _app.MapGet("/", http => http.Response.WriteAsJsonAsync(new { Title = "qdrant - vector search engine", Version }, Json));
        On<None>("GET", "/aliases", (_, _) => new { Aliases = Aliases.Select(alias => new { AliasName = alias.Key, CollectionName = alias.Value }).ToArray() });
        On<AliasChanges>("POST", "/collections/aliases", (_, body) => Change(body));
        On<None>("GET", "/collections", (_, _) => new { Collections = Collections.Keys.Select(name => new { Name = name }).ToArray() });
        On<None>("GET", "/collections/{name}/exists", (name, _) => new { Exists = Collections.ContainsKey(name) });
        On<None>("GET", "/collections/{name}", (name, _) => new { Status = "green", PointsCount = Find(name).Points.Count });
        On<NewCollection>("PUT", "/collections/{name}", (name, body) =>
            Collections.TryAdd(name, new Stored(body.Vectors.Size)) ? true : throw new Refusal(409, $"Wrong input: Collection `{name}` already exists!"));
        On<None>("DELETE", "/collections/{name}", (name, _) => Delete(name));
        On<NewIndex>("PUT", "/collections/{name}/index", (name, body) => Done(Find(name).Indexed.Add(body.FieldName)));
        On<Upsert>("PUT", "/collections/{name}/points", (name, body) => Put(Find(name), body));
        On<Removal>("POST", "/collections/{name}/points/delete", (name, body) => Remove(Find(name), body));
        On<Searches>("POST", "/collections/{name}/points/query/batch", (name, body) => body.Items.Select(search => Search(Find(name), search)).ToArray());
        On<None>("POST", "/collections/{name}/snapshots", (name, _) => Snapshot(Find(name).Snapshots));
        On<None>("GET", "/collections/{name}/snapshots", (name, _) => Find(name).Snapshots);
        On<None>("DELETE", "/collections/{name}/snapshots/{snapshot}", (name, _, snapshot) =>
            Find(name).Snapshots.RemoveAll(taken => taken.Name == snapshot) == 1);
        On<Counting>("POST", "/collections/{name}/points/count", (name, body) => new { Count = Matching(Find(name), body.Filter).Count() });
    }

    private void On<T>(string method, string path, Func<string, T, object> answer)
        where T : class =>
        On<T>(method, path, (name, body, _) => answer(name, body));

    private void On<T>(string method, string path, Func<string, T, string, object> answer)
        where T : class =>
        _app.MapMethods(path, [method], async http =>
        {
            var body = typeof(T) == typeof(None) ? null : await http.Request.ReadFromJsonAsync<T>(Json, http.RequestAborted);
            object result;
            lock (_gate)
            {
                result = answer(Route(http, "name"), body!, Route(http, "snapshot"));
            }

            await http.Response.WriteAsJsonAsync(new { Result = result, Status = "ok", Time = 0.0 }, Json, http.RequestAborted);
        });

    private static string Route(HttpContext http, string part) => (string?)http.Request.RouteValues[part] ?? "";

    private static Taken Snapshot(List<Taken> snapshots)
    {
        snapshots.Add(new Taken($"{Guid.NewGuid():n}.snapshot", "2026-11-26T12:00:00", 1000));
        return snapshots[^1];
    }

    private Stored Find(string name) =>
        Collections.GetValueOrDefault(Aliases.GetValueOrDefault(name, name)) ?? throw new Refusal(404, $"Not found: Collection `{name}` doesn't exist!");

    private bool Delete(string name)
    {
        var there = Collections.Remove(name);
        foreach (var alias in Aliases.Where(alias => alias.Value == name).ToArray())
        {
            Aliases.Remove(alias.Key);
        }

        return there;
    }

    private bool Change(AliasChanges changes)
    {
        foreach (var (create, delete) in changes.Actions)
        {
            if (delete is not null && !Aliases.Remove(delete.AliasName))
            {
                throw new Refusal(404, $"Not found: Alias {delete.AliasName} does not exists!");
            }

            if (create is not null)
            {
                Aliases[create.AliasName] = Collections.ContainsKey(create.CollectionName) && !Collections.ContainsKey(create.AliasName)
                    ? create.CollectionName
                    : throw new Refusal(404, $"Not found: Collection `{create.CollectionName}` doesn't exist!");
            }
        }

        return true;
    }

    private static object Put(Stored collection, Upsert upsert)
    {
        foreach (var point in upsert.Points)
        {
            if (point.Vector.Length != collection.Size)
            {
                throw new Refusal(400, $"Wrong input: Vector dimension error: expected dim: {collection.Size}, got {point.Vector.Length}");
            }

            if (upsert.UpdateMode != UpdateMode.InsertOnly || !collection.Points.ContainsKey(point.Id))
            {
                collection.Points[point.Id] = point;
            }
        }

        return Done();
    }

    private static object Remove(Stored collection, Removal removal)
    {
        foreach (var id in removal.Points ?? [.. Matching(collection, removal.Filter!).Select(point => point.Id)])
        {
            collection.Points.Remove(id);
        }

        return Done();
    }

    private static object Search(Stored collection, SearchOne search) => new
    {
        Points = Matching(collection, search.Filter)
            .Select(point => new
            {
                point.Id,
                Version = 0,
                Score = (float)point.Vector.Zip(search.Query, (a, b) => (double)a * b).Sum(),
                Payload = point.Payload.Where(field => search.WithPayload.Contains(field.Key)).ToDictionary(),
            })
            .OrderByDescending(point => point.Score)
            .Take(search.Limit)
            .ToArray(),
    };

    private static IEnumerable<NewPoint> Matching(Stored collection, Where filter)
    {
        // A real one looks at every point there, which at a million is no search.
        Assert.All(filter.Must, condition => Assert.Contains(condition.Key, collection.Indexed));
        return collection.Points.Values.Where(point => filter.Must.All(condition =>
            point.Payload.TryGetValue(condition.Key, out var value) && JsonElement.DeepEquals(value, condition.Match.Value)));
    }

    private static object Done(bool _ = true) => new { OperationId = 1, Status = "completed" };

    internal sealed record Stored(int Size)
    {
        public Dictionary<ulong, NewPoint> Points { get; } = [];

        public HashSet<string> Indexed { get; } = [];

        public List<Taken> Snapshots { get; } = [];
    }

    internal sealed record Taken(string Name, string CreationTime, long Size);

    internal sealed record NewPoint(ulong Id, float[] Vector, Dictionary<string, JsonElement> Payload);

    private sealed class Refusal(int status, string message) : Exception(message)
    {
        public int Status => status;
    }

    private sealed record None;

    private sealed record NewCollection(VectorParams Vectors, QuantizationConfig QuantizationConfig, HnswConfigDiff HnswConfig);

    private sealed record VectorParams(int Size, Distance Distance, bool OnDisk);

    private sealed record QuantizationConfig(ScalarQuantization Scalar);

    private sealed record ScalarQuantization(ScalarType Type, float Quantile, bool AlwaysRam);

    private sealed record HnswConfigDiff(int M, int PayloadM, int EfConstruct);

    private sealed record NewIndex(string FieldName, FieldSchema FieldSchema);

    private sealed record FieldSchema(FieldType Type, bool? IsTenant = null, bool? Lookup = null, bool? Range = null);

    private sealed record Upsert(NewPoint[] Points, UpdateMode UpdateMode);

    private sealed record Removal(ulong[]? Points = null, Where? Filter = null);

    private sealed record Searches([property: JsonPropertyName("searches")] SearchOne[] Items);

    private sealed record SearchOne(float[] Query, Where Filter, int Limit, SearchParams Params, string[] WithPayload);

    private sealed record SearchParams(int HnswEf, QuantizationSearch Quantization);

    private sealed record QuantizationSearch(bool Rescore, double Oversampling);

    private sealed record Counting(Where Filter, bool Exact);

    private sealed record Where(Condition[] Must);

    private sealed record Condition(string Key, MatchValue Match);

    private sealed record MatchValue(JsonElement Value);

    private sealed record AliasChanges(AliasAction[] Actions);

    private sealed record AliasAction(NewAlias? CreateAlias = null, OldAlias? DeleteAlias = null);

    private sealed record NewAlias(string CollectionName, string AliasName);

    private sealed record OldAlias(string AliasName);

    private enum Distance
    {
        Dot,
    }

    private enum ScalarType
    {
        Int8,
    }

    private enum FieldType
    {
        Keyword,
        Integer,
        Bool,
    }

    private enum UpdateMode
    {
        Upsert,
        InsertOnly,
        UpdateOnly,
    }
}
