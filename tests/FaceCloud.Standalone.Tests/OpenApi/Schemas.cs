using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using FaceCloud.Contracts.Device;
using Microsoft.AspNetCore.Http;

namespace FaceCloud.Standalone.Tests.OpenApi;

/// <summary>JSON schemas of requests and answers, from the types that are read and written, their attributes and their comments.</summary>
internal sealed partial class Schemas(JsonSerializerOptions json, XmlDocs docs)
{
    private readonly JsonSerializerOptions _json = new(json) { Converters = { new UnreadFile() } };
    private readonly Dictionary<string, Type> _types = [];

    public SortedDictionary<string, JsonNode> Components { get; } = new(StringComparer.Ordinal);

    public static JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    /// <param name="type">What is read or written.</param>
    /// <param name="request">In a request a field may be left out unless it is required; in an answer all are there that are not left out as null.</param>
    public JsonObject Of(Type type, bool request) => (JsonObject)_json.GetJsonSchemaAsNode(type, new JsonSchemaExporterOptions
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = (context, node) => Transform(context, node as JsonObject ?? [], request),
    });

    /// <summary>Adds what attributes say of a value.</summary>
    public static JsonObject Constrain(JsonObject schema, IEnumerable<object> attributes)
    {
        foreach (var attribute in attributes)
        {
            switch (attribute)
            {
                case RangeAttribute range:
                    schema["minimum"] = Value(range.Minimum);
                    if (range.Maximum is not (int.MaxValue or double.MaxValue))
                    {
                        schema["maximum"] = Value(range.Maximum);
                    }

                    break;
                case StringLengthAttribute text:
                    (schema["minLength"], schema["maxLength"]) = (text.MinimumLength, text.MaximumLength);
                    break;
                case LengthAttribute items:
                    (schema["minItems"], schema["maxItems"]) = (items.MinimumLength, items.MaximumLength);
                    break;
                case AllowedValuesAttribute allowed:
                    schema["enum"] = new JsonArray([.. allowed.Values.Select(value => Value(value!))]);
                    break;
                case DefaultValueAttribute { Value: { } value }:
                    schema["default"] = Value(value);
                    break;
            }
        }

        return schema;
    }

    private JsonObject Transform(JsonSchemaExporterContext context, JsonObject schema, bool request)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        schema = type switch
        {
            // A type that was met before in the same schema is a pointer into that, which leads nowhere from a component.
            _ when schema.ContainsKey("$ref") => OrNull(Of(type, request), context.PropertyInfo?.IsGetNullable == true),
            _ when type.IsArray && type.GetElementType() == typeof(IFormFile) =>
                new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string", ["format"] = "binary" } },
            _ when type == typeof(Base64File) => new JsonObject { ["type"] = "string", ["description"] = "Base64, with or without a data-URI prefix." },
            _ when type == typeof(IFormFile) => new JsonObject { ["type"] = "string", ["format"] = "binary" },
            _ when context.TypeInfo.Kind == JsonTypeInfoKind.Object => Component(context.TypeInfo, schema, request),
            _ => Format(schema, type),
        };
        if (context.PropertyInfo?.AttributeProvider is not System.Reflection.PropertyInfo property)
        {
            return schema;
        }

        if (docs.Property(property.DeclaringType!, property.Name) is { } description)
        {
            schema["description"] = description;
        }

        return Constrain(schema, property.GetCustomAttributes(inherit: false));
    }

    private static JsonObject Format(JsonObject schema, Type type)
    {
        string? format = type == typeof(long) ? "int64"
            : type == typeof(int) ? "int32"
            : type == typeof(double) ? "double"
            : type == typeof(float) ? "float"
            : null;
        if (format is not null)
        {
            schema["format"] = format;
        }

        return schema;
    }

    private JsonObject Component(JsonTypeInfo info, JsonObject schema, bool request)
    {
        var name = NameOf(info.Type);
        if (_types.TryGetValue(name, out var other) && other != info.Type)
        {
            throw new InvalidOperationException($"Both {info.Type} and {other} are called {name} in the document.");
        }

        _types[name] = info.Type;
        var nullable = (schema["type"] as JsonArray)?.Any(type => (string?)type == "null") == true;
        schema["type"] = "object";
        var required = info.Properties
            .Where(property => request ? Has<RequiredAttribute>(property) : !Has<JsonIgnoreAttribute>(property))
            .Select(property => property.Name).ToArray();

        // What is required is not null, and a field of a form never is.
        foreach (var field in !request ? [] : info.Type.Name == "Form" ? info.Properties.Select(property => property.Name) : required)
        {
            if (schema["properties"]![field]!["type"] is JsonArray types)
            {
                schema["properties"]![field]!["type"] = types.First(type => (string?)type != "null")!.DeepClone();
            }
        }

        schema.Remove("required");
        if (required.Length > 0)
        {
            schema["required"] = new JsonArray([.. required.Select(field => (JsonNode)field)]);
        }

        if (docs.Summary(info.Type) is { } summary)
        {
            schema["description"] = summary;
        }

        Components[name] = schema;
        return OrNull(Reference(name), nullable);
    }

    private static JsonObject OrNull(JsonObject schema, bool nullable)
    {
        if (nullable && schema["type"] is JsonValue type)
        {
            schema["type"] = new JsonArray(type.DeepClone(), "null");
        }

        return nullable && schema.ContainsKey("$ref") ? new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) } : schema;
    }

    /// <summary>A nested type is named with the one around it: <c>AssignFaceRequest</c>.</summary>
    private static string NameOf(Type type)
    {
        var name = Suffix().Replace(type.Name, "");
        return type.DeclaringType is { } outer ? NameOf(outer) + name : name;
    }

    [GeneratedRegex("(Body|Api)$")]
    private static partial Regex Suffix();

    private static bool Has<T>(JsonPropertyInfo property)
        where T : Attribute => property.AttributeProvider?.IsDefined(typeof(T), inherit: false) == true;

    private static JsonNode Value(object value) => JsonSerializer.SerializeToNode(value)!;

    /// <summary>A file of a form is no JSON; the schema needs only to know that it is one.</summary>
    private sealed class UnreadFile : JsonConverter<IFormFile>
    {
        public override IFormFile Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, IFormFile value, JsonSerializerOptions options) => throw new NotSupportedException();
    }
}
