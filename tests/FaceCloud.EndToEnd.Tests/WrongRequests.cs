using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>Requests with one value that the schemas of an operation do not allow: out of range, too long, too many, of another type, missing.</summary>
internal sealed partial class WrongRequests(ApiDescription api)
{
    public IEnumerable<(string Wrong, Func<HttpRequestMessage> Make)> Of(ApiDescription.Operation operation)
    {
        var path = Parameter().Replace(operation.Path, part =>
            part.Value == "{name}" ? "nobody"
            : operation.Path.Contains("/v1/", StringComparison.Ordinal) ? Guid.CreateVersion7().ToString()
            : "999999999");
        var example = operation.Body["requestBody"]?["content"]?["application/json"]?["example"] as JsonObject;
        foreach (var parameter in api.Parameters(operation, "query"))
        {
            foreach (var value in Outside(parameter["schema"]!.AsObject()))
            {
                var query = $"?{parameter["name"]}={Uri.EscapeDataString(value is JsonArray ? "" : value?.ToString() ?? "")}";
                yield return (query, () => Request(operation, path + query, example));
            }
        }

        if (example is null || api.Body(operation) is not var (_, schema))
        {
            yield break;
        }

        foreach (var (name, field) in schema["properties"]!.AsObject())
        {
            foreach (var value in Outside(api.Resolve(field!)))
            {
                var wrong = example.DeepClone().AsObject();
                wrong[name] = value?.DeepClone();
                yield return ($"{name}: {(value?.ToJsonString() is { Length: > 40 } text ? text[..40] : value)}", () => Request(operation, path, wrong));
            }

            if ((schema["required"] as JsonArray)?.Any(required => (string?)required == name) == true)
            {
                var wrong = example.DeepClone().AsObject();
                wrong.Remove(name);
                yield return ($"no {name}", () => Request(operation, path, wrong));
            }
        }
    }

    private static HttpRequestMessage Request(ApiDescription.Operation operation, string path, JsonNode? body) => new(new HttpMethod(operation.Method), path)
    {
        Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
    };

    private static IEnumerable<JsonNode?> Outside(JsonObject schema)
    {
        var type = schema["type"] is JsonArray types ? (string?)types[0] : (string?)schema["type"];
        if (schema["minimum"] is { } minimum)
        {
            yield return type == "integer" ? (long)minimum - 1 : (double)minimum - 0.001;
        }

        if (schema["maximum"] is { } maximum)
        {
            yield return type == "integer" ? (long)maximum + 1 : (double)maximum + 0.001;
        }

        if (schema["enum"] is not null)
        {
            yield return "none of these";
        }

        if ((int?)schema["maxLength"] is { } longest)
        {
            yield return new string('x', longest + 1);
        }

        if (schema["maxItems"] is { } most)
        {
            yield return new JsonArray([.. Enumerable.Range(1, (int)most + 1).Select(i =>
                (string?)schema["items"]!["format"] == "uuid" ? (JsonNode)Guid.CreateVersion7().ToString() : i)]);
        }

        if (schema["minItems"] is { } least && (int)least > 0)
        {
            yield return new JsonArray();
        }

        if (type is "integer" or "number" or "boolean")
        {
            yield return "neither";
        }
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Parameter();
}
