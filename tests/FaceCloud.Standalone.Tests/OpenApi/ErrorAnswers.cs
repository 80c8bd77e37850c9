using System.Text.Json.Nodes;
using FaceCloud.Contracts;
using FaceCloud.ServiceDefaults.Errors;

namespace FaceCloud.Standalone.Tests.OpenApi;

/// <summary>Answers that say what went wrong, in each dialect's form.</summary>
internal sealed class ErrorAnswers
{
    private static readonly Dictionary<Dialect, (string Name, string Schema)> Dialects = new()
    {
        [Dialect.Device] = ("device", "DeviceError"),
        [Dialect.Records] = ("records", "Detail"),
        [Dialect.Analytics] = ("analytics", "Detail"),
        [Dialect.Library] = ("library", "LibraryError"),
        [Dialect.Quality] = ("quality", "Detail"),
    };

    private static readonly Dictionary<int, (string Description, string Sentence, string Code)> Statuses = new()
    {
        [400] = ("The request is malformed; the sentence says what to change.", "The body is not a valid JSON object.", "INVALID_REQUEST"),
        [401] = ("Nobody said who is asking, or with credentials that are not valid.", "The token is not valid.", "UNAUTHENTICATED"),
        [403] = ("Who is asking may not do this, or not in this gallery.", "Access denied", "FORBIDDEN"),
        [404] = ("There is no such thing in this gallery.", "Face not found", "NOT_FOUND"),
        [409] = ("It contradicts what is there.", "Face already assigned to person", "ALREADY_EXISTS"),
        [413] = ("The body or the image is larger than allowed.", "The request body is larger than 20 MB.", "TOO_LARGE"),
        [422] = ("It is well-formed, but cannot be done: a value out of range, no face, nobody enrolled.", "No face was found in the image.", "NO_FACE"),
        [429] = ("Too many calls.", "Rate limit exceeded", "RATE_LIMITED"),
        [503] = (
            "A service behind this one is down, switched off or has a full queue.",
            "A service behind this one does not answer; try again.",
            "UNAVAILABLE"),
    };

    public SortedDictionary<string, JsonNode> Components { get; } = new(StringComparer.Ordinal);

    public static IEnumerable<KeyValuePair<string, JsonNode>> Schemas =>
    [
        new("DeviceError", Text("error")),
        new("Detail", Text("detail")),
        new("LibraryError", new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["error"] = new JsonObject { ["type"] = "string" },
                ["code"] = new JsonObject { ["type"] = "string" },
                ["details"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = true, ["description"] = "The ids that it is about." },
            },
            ["required"] = new JsonArray("error", "code", "details"),
        }),
    ];

    public static JsonObject Schema(Dialect dialect) => OpenApi.Schemas.Reference(Dialects[dialect].Schema);

    /// <param name="dialect">Whose form.</param>
    /// <param name="failures">What can go wrong.</param>
    /// <param name="limited">The answers of the call tell how often it may be made.</param>
    public IEnumerable<KeyValuePair<string, JsonNode?>> Of(Dialect dialect, IEnumerable<Failure> failures, bool limited)
    {
        foreach (var status in failures.Select(dialect.Status).Distinct().Order())
        {
            var name = $"{Dialects[dialect].Name}-{status}{(limited ? "-limited" : "")}";
            Components.TryAdd(name, Describe(dialect, status, limited));
            yield return new($"{status}", new JsonObject { ["$ref"] = $"#/components/responses/{name}" });
        }
    }

    private static JsonObject Describe(Dialect dialect, int status, bool limited)
    {
        var (description, sentence, code) = Statuses[status];
        var headers = limited ? DocumentBuilder.LimitHeaders() : [];
        if (status is 429 or 503)
        {
            headers["Retry-After"] = DocumentBuilder.Header("Seconds until it is worth another try.", "integer");
        }

        if (status == 401)
        {
            headers["WWW-Authenticate"] = DocumentBuilder.Header("`Bearer`", "string");
        }

        var example = Dialects[dialect].Schema switch
        {
            "DeviceError" => new JsonObject { ["error"] = sentence },
            "Detail" => new JsonObject { ["detail"] = sentence },
            _ => new JsonObject
            {
                ["error"] = sentence,
                ["code"] = code,
                ["details"] = code is "NOT_FOUND" or "ALREADY_EXISTS" ? new JsonObject { ["face_id"] = 999 } : []
            },
        };
        var answer = new JsonObject
        {
            ["description"] = description,
            ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = Schema(dialect), ["example"] = example } },
        };
        if (headers.Count > 0)
        {
            answer.Insert(1, "headers", headers);
        }

        return answer;
    }

    private static JsonObject Text(string field) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject { [field] = new JsonObject { ["type"] = "string", ["description"] = "A sentence that says what to change." } },
        ["required"] = new JsonArray(field),
    };
}
