using System.Text.Json.Nodes;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>The OpenAPI document that a program answers with, as tests walk through it.</summary>
internal sealed class ApiDescription
{
    private readonly JsonSchema _schemas;

    private ApiDescription(JsonObject document)
    {
        _schemas = new JsonSchema(document);
        Operations = [.. from path in document["paths"]!.AsObject()
                         from operation in path.Value!.AsObject()
                         select new Operation(operation.Key.ToUpperInvariant(), path.Key, operation.Value!.AsObject())];
    }

    public IReadOnlyList<Operation> Operations { get; }

    public static async Task<ApiDescription> OfAsync(HttpClient http) =>
        new(JsonNode.Parse(await http.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken))!.AsObject());

    /// <summary>The schema that a node is or refers to.</summary>
    public JsonObject Resolve(JsonNode node) => _schemas.Resolve(node);

    /// <summary>The parameters of an operation.</summary>
    public IEnumerable<JsonObject> Parameters(Operation operation, string place) =>
        (operation.Body["parameters"] as JsonArray ?? []).Select(parameter => Resolve(parameter!)).Where(parameter => (string?)parameter["in"] == place);

    /// <summary>The media type and schema of the body that an operation takes; null where it takes none.</summary>
    public (string Type, JsonObject Schema)? Body(Operation operation) => operation.Body["requestBody"]?["content"]?.AsObject() is { } contents
        ? (contents.Single().Key, Resolve(contents.Single().Value!["schema"]!))
        : null;

    /// <summary>What of an answer is not as the document says: its status, its headers, its form.</summary>
    public async Task<string?> FaultAsync(Operation operation, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        if (operation.Body["responses"]![$"{status}"] is not { } listed)
        {
            return $"the status {status} is not listed: {await response.Content.ReadAsStringAsync()}";
        }

        var answer = Resolve(listed);
        foreach (var (name, _) in answer["headers"] as JsonObject ?? [])
        {
            if (IsAlwaysThere(name) && !response.Headers.Contains(name))
            {
                return $"{status} without {name}";
            }
        }

        if (answer["content"] is not JsonObject contents || operation.Method == "HEAD")
        {
            return null;
        }

        var type = response.Content.Headers.ContentType?.MediaType;
        if (type is null || contents[type] is not { } content)
        {
            return $"{status} as {type ?? "nothing"}";
        }

        if (type != "application/json")
        {
            return null;
        }

        var text = await response.Content.ReadAsStringAsync();
        var errors = text.Length == 0 ? ["it is empty"] : _schemas.Errors(content["schema"]!, JsonNode.Parse(text)).ToList();
        return errors.Count == 0 ? null : $"{status} with another body ({string.Join("; ", errors.Take(3))}): {text[..Math.Min(text.Length, 300)]}";
    }

    private static bool IsAlwaysThere(string header) =>
        header is "Retry-After" or "WWW-Authenticate" || header.StartsWith("X-RateLimit-", StringComparison.Ordinal);

    /// <summary>A method of a path.</summary>
    public sealed record Operation(string Method, string Path, JsonObject Body)
    {
        public override string ToString() => $"{Method} {Path}";
    }
}
