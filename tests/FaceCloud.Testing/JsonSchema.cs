using System.Text.Json;
using System.Text.Json.Nodes;

namespace FaceCloud.Testing;

/// <summary>
/// Whether a value is what a schema of an OpenAPI document says, as far as ours use JSON Schema; and stricter in one thing: a property that the schema
/// does not name is an error.
/// </summary>
public sealed class JsonSchema(JsonObject document)
{
    /// <summary>A node that may be a reference into the document.</summary>
    public JsonObject Resolve(JsonNode node) => (string?)node["$ref"] is { } reference
        ? reference.TrimStart('#', '/').Split('/').Aggregate((JsonNode)document, (parent, name) => parent[name]!).AsObject()
        : node.AsObject();

    /// <summary>None where it is.</summary>
    public IEnumerable<string> Errors(JsonNode schema, JsonNode? value, string at = "$")
    {
        var rules = Resolve(schema);
        if (rules["anyOf"] is JsonArray any)
        {
            return any.Any(one => !Errors(one!, value, at).Any()) ? [] : [$"{at} is none of what it may be"];
        }

        var kind = value?.GetValueKind() ?? JsonValueKind.Null;
        string[] types = rules["type"] switch { null => [], JsonArray several => [.. several.Select(type => (string)type!)], var one => [(string)one!] };
        if (types.Length > 0 && !types.Any(type => Is(type, kind, value)))
        {
            return [$"{at} is {kind}, not {string.Join(" or ", types)}"];
        }

        if (rules["enum"] is JsonArray allowed && value is not null && !allowed.Any(one => JsonNode.DeepEquals(one, value)))
        {
            return [$"{at} is {value.ToJsonString()}, none of {allowed.ToJsonString()}"];
        }

        return value switch
        {
            JsonArray items when rules["items"] is { } item => items.SelectMany((element, i) => Errors(item, element, $"{at}[{i}]")),
            JsonObject fields => Errors(rules, fields, at),
            _ => [],
        };
    }

    private IEnumerable<string> Errors(JsonObject rules, JsonObject fields, string at)
    {
        foreach (var name in (rules["required"] as JsonArray ?? []).Select(name => (string)name!).Where(name => !fields.ContainsKey(name)))
        {
            yield return $"{at}.{name} is missing";
        }

        if (rules["properties"] is not JsonObject && rules["additionalProperties"] is null)
        {
            yield break; // any object
        }

        foreach (var (name, field) in fields)
        {
            if ((rules["properties"]?[name] ?? rules["additionalProperties"]) is not { } schema)
            {
                yield return $"{at}.{name} is not in the schema";
            }
            else if (schema is JsonObject)
            {
                foreach (var error in Errors(schema, field, $"{at}.{name}"))
                {
                    yield return error;
                }
            }
        }
    }

    private static bool Is(string type, JsonValueKind kind, JsonNode? value) => type switch
    {
        "null" => kind == JsonValueKind.Null,
        "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
        "string" => kind == JsonValueKind.String,
        "number" => kind == JsonValueKind.Number,
        "integer" => kind == JsonValueKind.Number && double.IsInteger(value!.GetValue<JsonElement>().GetDouble()),
        "array" => kind == JsonValueKind.Array,
        _ => kind == JsonValueKind.Object,
    };
}
