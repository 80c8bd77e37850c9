using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FaceCloud.Contracts;
using FaceCloud.Gateway.Edge;
using FaceCloud.ServiceDefaults.Description;
using FaceCloud.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FaceCloud.Standalone.Tests.OpenApi;

/// <summary>
/// The OpenAPI document (https://spec.openapis.org/oas/v3.1.1) of what the program's endpoints say of themselves: the parameters of their handlers,
/// the nested <c>Request</c> or <c>Form</c> that a handler reads, the typed results, attributes and comments; and of the edge's rules.
/// </summary>
internal sealed partial class DocumentBuilder
{
    private const string Json = "application/json";

    private static readonly (string Name, string Description)[] Tags =
    [
        ("device", "Faces as boxes and embeddings, identities by name; images are base64 in JSON."),
        ("records", "Enrol a face with a name, match a photo against all records."),
        ("analytics", "Who is in an image, how old, and whether they were seen before."),
        ("library", "A photo library: upload, assign, review, discover, undo."),
        ("quality", "Albums and jobs; how good faces are, filters, duplicates, outliers, reprocessing. Always asks who is calling."),
        ("operations", "Health, credentials, this document."),
    ];

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE"];

    private readonly XmlDocs _docs = new();
    private readonly ErrorAnswers _errors = new();
    private readonly Dictionary<string, string> _operationIds = [];
    private readonly JsonObject _examples;
    private readonly Schemas _schemas;

    private DocumentBuilder(WebApplication app, JsonObject examples)
    {
        _examples = examples;
        _schemas = new Schemas(app.Services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions, _docs);
    }

    /// <param name="app">Composed; it need not run.</param>
    /// <param name="examples">By method and path: <c>query</c>, <c>request</c>, <c>response</c>.</param>
    public static JsonObject Build(WebApplication app, JsonObject examples) => new DocumentBuilder(app, examples).Build(app);

    public static JsonObject Header(string description, string type) =>
        new() { ["description"] = description, ["schema"] = new JsonObject { ["type"] = type } };

    public static JsonObject LimitHeaders() => new()
    {
        ["X-RateLimit-Limit"] = Header("Calls in 60 seconds.", "integer"),
        ["X-RateLimit-Remaining"] = Header("Calls left in this window.", "integer"),
        ["X-RateLimit-Reset"] = Header("When the window ends; seconds since 1970.", "integer"),
    };

    private JsonObject Build(WebApplication app)
    {
        var operations = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<MethodInfo>() is { } handler ? Describe(endpoint, handler) : Health(endpoint))
            .OrderBy(operation => Array.FindIndex(Tags, tag => tag.Name == operation.Tag)).ThenBy(operation => operation.Path, StringComparer.Ordinal)
            .ThenBy(operation => Array.IndexOf(Methods, operation.Method)).ToList();
        var paths = new JsonObject();
        foreach (var operation in operations)
        {
            if (paths[operation.Path] is not JsonObject item)
            {
                paths[operation.Path] = item = [];
            }

            item.Add(operation.Method.ToLowerInvariant(), operation.Body);
        }

        var unused = _examples.Select(example => example.Key).Except(operations.Select(operation => $"{operation.Method} {operation.Path}")).ToList();
        Assert.True(unused.Count == 0, $"There are examples of calls that are not there: {string.Join(", ", unused)}.");
        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "FaceCloud",
                ["version"] = "1",
                ["description"] =
                    "One face gallery behind five dialects. Where the server is protected every call but those of `/health`, and in any mode those of the "
                    + "quality dialect, say who is calling: a token or an API key, with the role that the call names.",
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["tags"] = new JsonArray([.. Tags.Select(tag => new JsonObject { ["name"] = tag.Name, ["description"] = tag.Description })]),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject
                {
                    ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["bearerFormat"] = "JWT" },
                    ["key"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = CallerAuthentication.KeyHeader },
                },
                ["parameters"] = new JsonObject
                {
                    ["Gallery"] = new JsonObject
                    {
                        ["name"] = GalleryHeader.Name,
                        ["in"] = "header",
                        ["description"] = "The gallery that the call is about; nobody of another one is seen or matched.",
                        ["schema"] = new JsonObject
                        {
                            ["type"] = "string",
                            ["default"] = GalleryHeader.Default,
                            ["pattern"] = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
                        },
                    },
                },
                ["responses"] = new JsonObject(_errors.Components.Select(answer => KeyValuePair.Create(answer.Key, (JsonNode?)answer.Value))),
                ["schemas"] = new JsonObject(_schemas.Components.Concat(ErrorAnswers.Schemas).OrderBy(schema => schema.Key, StringComparer.Ordinal)
                    .Select(schema => KeyValuePair.Create(schema.Key, (JsonNode?)schema.Value))),
            },
        };
    }

    private IEnumerable<Operation> Describe(RouteEndpoint endpoint, MethodInfo handler)
    {
        var path = Constraint().Replace("/" + endpoint.RoutePattern.RawText!.Trim('/'), "{$1}");
        var tag = endpoint.Metadata.GetMetadata<ITagsMetadata>()?.Tags.Single() ?? throw new InvalidOperationException($"{path} has no tag.");
        Assert.Contains(tag, Tags.Select(known => known.Name));
        foreach (var method in endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods)
        {
            yield return new Operation(method, path, tag, Describe(endpoint, handler, method, path, tag));
        }
    }

    private JsonObject Describe(RouteEndpoint endpoint, MethodInfo handler, string method, string path, string tag)
    {
        var (dialect, example) = (Dialect.Of(path), _examples[$"{method} {path}"] as JsonObject ?? []);
        var limit = RateLimits.Documented.FirstOrDefault(limit => limit.Method == method && limit.Path == Parameter().Replace(path, "*"));
        var body = Body(handler, method, example);
        var parameters = Parameters(endpoint, handler, example);
        var ofGallery = tag != "operations" && AccessRules.AsksWhoIsCalling(path, AuthMode.Protected);
        var ranged = parameters.Any(parameter => parameter["schema"]!.AsObject().Any(rule => rule.Key is "minimum" or "maximum" or "enum" or "maxLength"));
        IEnumerable<Failure> failures =
        [
            Failure.Unauthenticated, Failure.Forbidden, Failure.RateLimited, Failure.Unavailable,
            .. tag != "operations" || body is not null || parameters.Any(parameter => (string?)parameter["in"] == "query")
                ? [Failure.Malformed]
                : (Failure[])[],
            .. body is not null ? [Failure.TooLarge] : (Failure[])[],
            .. body is not null || ranged ? [Failure.InvalidRequest] : (Failure[])[],
            .. path.Contains('{', StringComparison.Ordinal) ? [Failure.NotFound] : (Failure[])[],
            .. endpoint.Metadata.GetOrderedMetadata<FailsAttribute>().SelectMany(fails => fails.Failures),
        ];
        if (ofGallery)
        {
            parameters.Add(new JsonObject { ["$ref"] = "#/components/parameters/Gallery" });
        }

        var operation = new JsonObject { ["tags"] = new JsonArray(tag), ["operationId"] = OperationId(handler, method, path) };
        if (endpoint.Metadata.GetMetadata<IEndpointSummaryMetadata>()?.Summary is { } summary)
        {
            operation["summary"] = summary;
        }

        operation["description"] = Description(handler, method, path, limit.Calls);
        operation["security"] = Security(path);
        if (parameters.Count > 0)
        {
            operation["parameters"] = new JsonArray([.. parameters]);
        }

        if (body is not null)
        {
            operation["requestBody"] = body;
        }

        operation["responses"] = new JsonObject(Successes(endpoint, method, limit.Calls > 0, example)
            .Concat(_errors.Of(dialect, failures, limit.Calls > 0)).OrderBy(answer => answer.Key, StringComparer.Ordinal));
        return operation;
    }

    private List<JsonObject> Parameters(RouteEndpoint endpoint, MethodInfo handler, JsonObject example)
    {
        var parameters = new List<JsonObject>();
        foreach (var part in endpoint.RoutePattern.Parameters)
        {
            var policy = part.ParameterPolicies.Select(policy => policy.Content).FirstOrDefault()
                ?? (handler.GetParameters().Any(parameter => parameter.Name == part.Name && parameter.ParameterType == typeof(Guid)) ? "guid" : null);
            parameters.Add(new JsonObject
            {
                ["name"] = part.Name,
                ["in"] = "path",
                ["required"] = true,
                ["schema"] = policy switch
                {
                    "int" or "long" => new JsonObject { ["type"] = "integer", ["format"] = "int64" },
                    "guid" => new JsonObject { ["type"] = "string", ["format"] = "uuid" },
                    _ => new JsonObject { ["type"] = "string" },
                },
            });
        }

        foreach (var parameter in handler.GetParameters()
            .Where(parameter => IsQuery(parameter.ParameterType) && endpoint.RoutePattern.GetParameter(parameter.Name!) is null))
        {
            var name = parameter.GetCustomAttributes().OfType<IFromQueryMetadata>().FirstOrDefault()?.Name ?? parameter.Name!;
            var schema = Schemas.Constrain(
                _schemas.Of(Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType, request: true),
                parameter.GetCustomAttributes());
            if (schema["type"] is JsonArray types)
            {
                schema["type"] = types.First(type => (string?)type != "null")!.DeepClone();
            }

            var described = new JsonObject { ["name"] = name, ["in"] = "query", ["schema"] = schema };
            if (example["query"]?[name] is { } value)
            {
                described["example"] = value.DeepClone();
            }

            parameters.Add(described);
        }

        return parameters;
    }

    private static bool IsQuery(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(string) || type == typeof(Guid) || type == typeof(DateTime) || type == typeof(DateTimeOffset) || type.IsPrimitive || type.IsEnum
            || (type.IsArray && IsQuery(type.GetElementType()!));
    }

    private JsonObject? Body(MethodInfo handler, string method, JsonObject example)
    {
        if (!HttpMethods.IsPost(method) && !HttpMethods.IsPut(method))
        {
            return null;
        }

        var (request, form) = (Nested(handler, "Request"), Nested(handler, "Form"));
        return (request ?? form) is not { } type ? null : new JsonObject
        {
            // A body of which nothing is required may be left out.
            ["required"] = type.GetProperties().Any(property => property.IsDefined(typeof(RequiredAttribute))),
            ["content"] = new JsonObject { [form is null ? Json : "multipart/form-data"] = Content(_schemas.Of(type, request: true), example["request"]) },
        };
    }

    private static Type? Nested(MethodInfo handler, string name) => handler.DeclaringType!.GetNestedType(name, BindingFlags.Public | BindingFlags.NonPublic);

    private IEnumerable<KeyValuePair<string, JsonNode?>> Successes(RouteEndpoint endpoint, string method, bool limited, JsonObject example)
    {
        var answers = endpoint.Metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>().OrderBy(answer => answer.StatusCode).ToList();
        Assert.True(answers.Count > 0, $"{endpoint.DisplayName} does not say what it answers.");
        foreach (var answer in answers)
        {
            string[] files = answer.Type is null || answer.Type == typeof(void) ? [.. answer.ContentTypes] : [];
            var described = new JsonObject { ["description"] = ReasonPhrases.GetReasonPhrase(answer.StatusCode) };
            var headers = limited ? LimitHeaders() : [];
            foreach (var header in endpoint.Metadata.GetOrderedMetadata<AnswersHeaderAttribute>())
            {
                headers[header.Name] = Header(header.Description, "string");
            }

            if (answer.StatusCode == StatusCodes.Status201Created)
            {
                headers["Location"] = Header("Its path.", "string");
            }

            if (headers.Count > 0)
            {
                described["headers"] = headers;
            }

            if (!HttpMethods.IsHead(method) && files.Length > 0)
            {
                described["content"] = new JsonObject(files.Select(file => KeyValuePair.Create(file, (JsonNode?)Content(
                    file == Json
                        ? new JsonObject { ["type"] = "object" }
                        : new JsonObject { ["type"] = "string", ["format"] = "binary" },
                    example["response"]))));
            }
            else if (!HttpMethods.IsHead(method) && answer.Type is { } type && type != typeof(void))
            {
                var sample = answer == answers[0] ? example["response"] : example[$"response {answer.StatusCode}"];
                described["content"] = new JsonObject { [Json] = Content(_schemas.Of(type, request: false), sample) };
            }

            yield return new($"{answer.StatusCode}", described);
            if (files.Any(file => file.StartsWith("image/", StringComparison.Ordinal)))
            {
                foreach (var (status, meaning) in ((int, string)[])[
                    (206, "The part that was asked for"), (304, "Not changed"), (412, "Changed"), (416, "There is no such part")])
                {
                    yield return new($"{status}", new JsonObject { ["description"] = meaning });
                }
            }
        }
    }

    private static JsonObject Content(JsonObject schema, JsonNode? example)
    {
        var content = new JsonObject { ["schema"] = schema };
        if (example is not null)
        {
            content["example"] = example.DeepClone();
        }

        return content;
    }

    private string OperationId(MethodInfo handler, string method, string path)
    {
        var type = handler.DeclaringType!.Name;
        var name = handler.Name.StartsWith("Handle", StringComparison.Ordinal)
            ? type
            : type.Replace("Api", "", StringComparison.Ordinal) + handler.Name.Replace("Async", "", StringComparison.Ordinal);
        name = JsonNamingPolicy.CamelCase.ConvertName(name) + (HttpMethods.IsHead(method) ? "Head" : "");
        Assert.True(_operationIds.TryAdd(name, path), $"Both {path} and {_operationIds[name]} are called {name}.");
        return name;
    }

    private string Description(MethodInfo handler, string method, string path, int calls)
    {
        var text = RouteOfComment().Replace(_docs.Summary(handler.DeclaringType!) ?? "", "");
        text = text.Length == 0 ? "" : char.ToUpperInvariant(text[0]) + text[1..] + (text.EndsWith('.') ? " " : ". ");
        text += AccessRules.AsksWhoIsCalling(path, AuthMode.Protected)
            ? $"Needs the role `{AccessRules.RequiredRole(Request(method, path)).ToString().ToLowerInvariant()}`."
            : "Asks nobody who they are.";
        return calls > 0 ? $"{text} At most {calls} calls of each caller in 60 seconds." : text;
    }

    /// <summary>What an open server leaves open needs none; a protected one asks for it.</summary>
    private static JsonArray Security(string path)
    {
        var schemes = new JsonArray(new JsonObject { ["token"] = new JsonArray() }, new JsonObject { ["key"] = new JsonArray() });
        if (!AccessRules.AsksWhoIsCalling(path, AuthMode.Protected))
        {
            return [];
        }

        // An empty one: without.
        if (!AccessRules.AsksWhoIsCalling(path, AuthMode.Open))
        {
            schemes.Insert(0, new JsonObject());
        }

        return schemes;
    }

    private static HttpRequest Request(string method, string path)
    {
        var request = new DefaultHttpContext().Request;
        (request.Method, request.Path) = (method, path);
        return request;
    }

    /// <summary>The checks of the framework, which say nothing of themselves.</summary>
    private IEnumerable<Operation> Health(RouteEndpoint endpoint)
    {
        var path = endpoint.RoutePattern.RawText!;
        var (id, summary) = path switch
        {
            "/health" => ("health", "Whether everything works, and with which networks"),
            "/health/ready" => ("healthReady", "Whether this process takes traffic"),
            "/health/live" => ("healthLive", "Whether this process answers"),
            _ => throw new InvalidOperationException($"{path} has no handler to describe it."),
        };
        var example = _examples[$"GET {path}"]?["response"];
        JsonObject Answer(string description, JsonNode schema) => new()
        {
            ["description"] = description,
            ["content"] = new JsonObject { [Json] = Content((JsonObject)schema, description == "OK" ? example : null) },
        };
        var answers = new JsonObject { ["200"] = Answer("OK", Schemas.Reference("Health")) };
        foreach (var (status, answer) in _errors.Of(Dialect.Of(path), [Failure.Unauthenticated, Failure.Forbidden, Failure.RateLimited], limited: false))
        {
            answers[status] = answer;
        }

        answers["503"] = Answer(
            "It does not.",
            new JsonObject { ["anyOf"] = new JsonArray(Schemas.Reference("Health"), ErrorAnswers.Schema(Dialect.Of(path))) });
        _schemas.Components["Health"] = HealthSchema();
        yield return new Operation("GET", path, "operations", new JsonObject
        {
            ["tags"] = new JsonArray("operations"),
            ["operationId"] = id,
            ["summary"] = summary,
            ["description"] = "Asks nobody who they are.",
            ["security"] = new JsonArray(),
            ["responses"] = answers,
        });
    }

    private static JsonObject HealthSchema()
    {
        JsonObject Type(params string[] types) => new() { ["type"] = types.Length == 1 ? types[0] : new JsonArray([.. types.Select(type => (JsonNode)type)]) };
        return new JsonObject
        {
            ["type"] = "object",
            ["description"] = "The bodies of the analytics and device dialects in one; of a process that only says whether it lives, the status alone.",
            ["properties"] = new JsonObject
            {
                ["status"] = new JsonObject { ["type"] = "string", ["enum"] = new JsonArray("healthy", "degraded", "unhealthy") },
                ["service"] = Type("string"),
                ["model_loaded"] = Type("boolean"),
                ["detection_model"] = Type("string", "null"),
                ["recognition_model"] = Type("string", "null"),
                ["attributes_model"] = Type("string", "null"),
                ["detection_networks"] = new JsonObject { ["type"] = new JsonArray("array", "null"), ["items"] = Type("object") },
                ["recognition_networks"] = new JsonObject { ["type"] = new JsonArray("array", "null"), ["items"] = Type("object") },
                ["provider"] = Type("string", "null"),
                ["database_enabled"] = Type("boolean", "null"),
                ["services"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = Type("boolean") },
                ["checks"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = Type("string") },
            },
            ["required"] = new JsonArray("status"),
        };
    }

    [GeneratedRegex(@"\{(\w+)(:[^}]*)?\}")]
    private static partial Regex Constraint();

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Parameter();

    // The comment of a handler begins with its route, which the document says already.
    [GeneratedRegex(@"^`[^`]*`( and `[^`]*`)?[.:;,]?\s*")]
    private static partial Regex RouteOfComment();

    private sealed record Operation(string Method, string Path, string Tag, JsonObject Body);
}
