using System.Text.Json;
using System.Text.Json.Serialization;

namespace FaceCloud.Contracts.Clients;

/// <summary>A <see cref="FailureException"/> on its way from one service to another.</summary>
public sealed record FailureBody(Failure Failure, string Message, IReadOnlyDictionary<string, object?>? Details)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
    };

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Options);

    /// <summary>The failure, or null if the text is something else (a proxy's own page, say).</summary>
    public static FailureException? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<FailureBody>(json, Options) is { Message: not null } body
                ? new FailureException(body.Failure, body.Message) { Details = body.Details?.ToDictionary(fact => fact.Key, fact => Plain(fact.Value)) }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// Text, numbers and truth values as the service that failed had them; a list or an object stays JSON, which every dialect writes as it is.
    /// </summary>
    private static object? Plain(object? value) => value is not JsonElement json ? value : json.ValueKind switch
    {
        JsonValueKind.String => json.GetString(),
        JsonValueKind.True or JsonValueKind.False => json.GetBoolean(),
        JsonValueKind.Number => json.TryGetInt64(out var whole) ? (object)whole : json.GetDouble(),
        _ => json,
    };
}
