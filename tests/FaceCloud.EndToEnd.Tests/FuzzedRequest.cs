using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>A request made by chance from the schemas of an operation: most of it as they allow, some of it not at all.</summary>
internal sealed partial class FuzzedRequest(ApiDescription api, KnownIds known, Random random)
{
    // In JSON the private character stands for half of a surrogate pair, which a string of .NET cannot be sent with.
    private static readonly string[] Texts =
    [
        "", " ", "a", "Somebody", "true", "null", "0", "-1", "1e999", "NaN", "Infinity",
        "99999999999999999999", "9223372036854775807", "2147483648", "0x10", "1,5",
        "'; DROP TABLE people; --", "%", "_", "\\", "\"", "<script>alert(1)</script>",
        "${jndi:ldap://x}", "../../etc/passwd", "..\\..\\", "a/b", "?a=b#c", "a\nb", "a\r\nX-Evil: 1",
        "\0", "a\0b", "\u0001\u001b[31m", "\u0085", "\ufeff", "\u202e",
        "Никто", "誰でもない", "👩‍👩‍👧‍👦", "\ue000", "a\ue000b", "e\u0301", "İı", "\uffff",
        "2024-01-01T00:00:00Z", "2024-13-45", "00000000-0000-0000-0000-000000000000", "{}", "[]", new('x', 300), new('é', 5000),
    ];

    private static readonly string[] Numbers =
    [
        "0", "1", "-1", "2", "0.5", "-0.0", "1e-320", "1e308", "1e400", "-1e400",
        "2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808",
        "123456789012345678901234567890", "0.1e1", "1000001",
    ];

    private static readonly Lazy<byte[]> Face = new(() => File.ReadAllBytes(People.SinglePhotos.First()));

    private static readonly Lazy<byte[][]> Files = new(() =>
    [
        [], [0], [0xFF, 0xD8, 0xFF], [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, .. "JFIF\0"u8],
        Face.Value[..(Face.Value.Length / 2)], [.. Face.Value[..200], .. Face.Value[400..]],
        HandMade.Png(1, 1), HandMade.Png(40, 30), HandMade.Png(20_000, 20_000), HandMade.Png(30, 30)[..^12],
        [.. "GIF89a"u8, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0], [.. "RIFF\xFF\xFF\xFF\x7FWEBPVP8 "u8],
        [.. "BM"u8, .. new byte[60]], [.. "II*\0"u8, 8, 0, 0, 0, 0xFF, 0xFF],
        [.. "<svg xmlns='http://www.w3.org/2000/svg'/>"u8], [.. "%PDF-1.7"u8], [.. "PK\x03\x04"u8], Encoding.UTF8.GetBytes(new string('a', 100_000)),
    ]);

    public HttpRequestMessage Make(ApiDescription.Operation operation)
    {
        var path = PathParameter().Replace(operation.Path, part => Uri.EscapeDataString(Whole(PathValue(operation, part.Groups[1].Value))));
        var request = new HttpRequestMessage(new HttpMethod(operation.Method), path + Query(operation));
        if (Chance(95))
        {
            request.Headers.TryAddWithoutValidation("X-Gallery", Chance(90) ? KnownIds.Gallery : Chance(50) ? KnownIds.OtherGallery : OneLine(Pick(Texts)));
        }

        if (api.Body(operation) is var (type, schema))
        {
            request.Content = type == "application/json" ? JsonOf(schema) : FormOf(schema);
        }
        else if (Chance(10))
        {
            request.Content = Raw(Encoding.UTF8.GetBytes(Pick(Texts)), "application/json");
        }

        return request;
    }

    // The server itself refuses a path with a NUL, and takes dots for steps; both before anything of ours is asked.
    private static string Whole(string text) =>
        text.Replace("\0", "", StringComparison.Ordinal) is { Length: > 0 } rest && rest.Trim('.', '/', '\\').Length > 0 ? Short(rest) : "x";

    // A longer address, too, is refused by the server itself.
    private static string Short(string text) => text.Length > 300 ? text[..300] : text;

    private static string OneLine(string text) => new([.. text.Where(c => c is >= ' ' and < '\u007f').Take(100)]);

    private string PathValue(ApiDescription.Operation operation, string name)
    {
        var whole = api.Parameters(operation, "path")
            .Any(parameter => (string?)parameter["name"] == name && (string?)parameter["schema"]!["type"] == "integer");
        return random.Next(10) switch
        {
            < 5 => Pick(whole ? known.Numbers : Chance(70) ? known.Uuids : known.Numbers),
            5 => Pick(whole ? known.Uuids : known.Numbers),
            6 => Guid.CreateVersion7().ToString(),
            7 => Pick(Numbers),
            8 => $"{random.NextInt64()}",
            _ => Pick(Texts),
        };
    }

    private string Query(ApiDescription.Operation operation)
    {
        var parts = new List<string>();
        foreach (var parameter in api.Parameters(operation, "query").Where(_ => Chance(40)))
        {
            var value = Chance(75) ? Plain(Allowed((string)parameter["name"]!, parameter["schema"]!.AsObject())) : Pick(Chance(50) ? Texts : Numbers);
            var pair = $"{parameter["name"]}={Uri.EscapeDataString(Short(value))}";
            parts.AddRange(Chance(3) ? [pair, pair] : [pair]);
        }

        if (Chance(3))
        {
            parts.Add($"{Uri.EscapeDataString(Short(Pick(Texts)))}={Uri.EscapeDataString(Short(Pick(Texts)))}");
        }

        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }

    private static string Plain(JsonNode? value) => value is JsonValue ? value.ToString() : value?.ToJsonString() ?? "";

    private ByteArrayContent JsonOf(JsonObject schema)
    {
        var json = Allowed("", schema) as JsonObject ?? [];
        if (Chance(40))
        {
            Spoil(json);
        }

        var bytes = Encoding.UTF8.GetBytes(Chance(3) ? Pick(Texts) : Text(json));
        return random.Next(30) switch
        {
            0 => Raw(bytes[..random.Next(bytes.Length)], "application/json"),
            1 => Raw([.. bytes, .. bytes], "application/json"),
            2 => Raw([.. bytes[..(bytes.Length / 2)], (byte)random.Next(256), 0xFF, .. bytes[(bytes.Length / 2)..]], "application/json"),
            3 => Raw(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":[", 500))), "application/json"),
            4 => Raw(
                bytes,
                Pick(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=utf-16", "nonsense", ""])),
            5 => Raw([], "application/json"),
            _ => Raw(bytes, "application/json"),
        };
    }

    /// <summary>Numbers that no .NET type holds go in as they are.</summary>
    private string Text(JsonObject json)
    {
        var text = json.ToJsonString(Lenient)
            .Replace("\ue000", @"\ud800", StringComparison.Ordinal)
            .Replace(@"\ue000", @"\ud800", StringComparison.OrdinalIgnoreCase);
        return Chance(10) ? NumberInJson().Replace(text, _ => ":" + Pick(Numbers), 1) : text;
    }

    private void Spoil(JsonObject json)
    {
        var name = json.Count > 0 && Chance(90) ? Pick([.. json.Select(field => field.Key)]) : Pick(Texts);
        switch (random.Next(9))
        {
            case 0: json.Remove(name); break;
            case 1: json[name] = null; break;
            case 2: json[name] = Pick(Texts); break;
            case 3: json[name] = random.NextInt64(); break;
            case 4: json[name] = random.NextDouble() * 1e18; break;
            case 5: json[name] = Chance(50); break;
            case 6: json[name] = new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => (JsonNode)Pick(Texts))]); break;
            case 7: json[name] = new JsonArray([.. Enumerable.Range(0, random.Next(1200)).Select(i => (JsonNode)i)]); break;
            default: json[name] = new JsonObject { ["a"] = new JsonObject { ["b"] = Pick(Texts) } }; break;
        }
    }

    /// <summary>A value that the schema allows.</summary>
    private JsonNode? Allowed(string name, JsonObject schema)
    {
        schema = api.Resolve(schema["anyOf"]?[0] ?? schema);
        if (schema["enum"] is JsonArray values)
        {
            return values[random.Next(values.Count)]!.DeepClone();
        }

        var type = schema["type"] is JsonArray types ? (string?)types[random.Next(types.Count)] : (string?)schema["type"];
        return type switch
        {
            "object" => Fields(schema),
            "array" => new JsonArray([.. Enumerable.Range(0, random.Next((int?)schema["minItems"] ?? 0, Math.Min((int?)schema["maxItems"] ?? 5, 5) + 1))
                .Select(_ => Allowed(name, schema["items"]!.AsObject()))]),
            "integer" => name.Contains("id", StringComparison.OrdinalIgnoreCase) && Chance(80)
                ? long.Parse(Pick(known.Numbers), CultureInfo.InvariantCulture)
                : random.NextInt64((long?)schema["minimum"] ?? -5, Math.Min((long?)schema["maximum"] ?? 1000, 1000) + 1),
            "number" => Between((double?)schema["minimum"] ?? -1, (double?)schema["maximum"] ?? 100),
            "boolean" => Chance(50),
            "string" => AllowedText(name, schema),
            _ => null,
        };
    }

    private JsonObject Fields(JsonObject schema)
    {
        var required = (schema["required"] as JsonArray ?? []).Select(field => (string)field!).ToHashSet(StringComparer.Ordinal);
        var fields = new JsonObject();
        foreach (var (name, field) in schema["properties"] as JsonObject ?? [])
        {
            if (required.Contains(name) || Chance(60))
            {
                fields[name] = Allowed(name, field!.AsObject());
            }
        }

        return fields;
    }

    private string AllowedText(string name, JsonObject schema) => (string?)schema["format"] switch
    {
        "uuid" => Chance(80) ? Pick(known.Uuids) : Guid.NewGuid().ToString(),
        "date-time" => DateTime.UnixEpoch.AddDays(random.Next(30_000)).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        _ when name == "image" => (Chance(50) ? "data:image/jpeg;base64," : "") + Convert.ToBase64String(Chance(5) ? Face.Value : Pick(Files.Value)),
        _ when name.EndsWith("id", StringComparison.OrdinalIgnoreCase) => Chance(50) ? Pick(known.Uuids) : Pick(known.Numbers),
        _ => Chance(70) ? $"fuzz {random.Next(50)}" : Pick(Texts),
    };

    private double Between(double min, double max) => random.Next(6) switch
    {
        0 => min,
        1 => max,
        _ => min + (random.NextDouble() * (Math.Min(max, 1000) - min))
    };

    private HttpContent FormOf(JsonObject schema)
    {
        var form = new MultipartFormDataContent($"fuzz-{random.Next()}");
        foreach (var (name, field) in schema["properties"]!.AsObject().Where(_ => Chance(90)))
        {
            var file = (field!["items"] ?? field)["format"] is not null && (string?)(field["items"] ?? field)["format"] == "binary";
            for (var copies = file && field["items"] is not null ? random.Next(1, 4) : 1; copies > 0; copies--)
            {
                if (file && Chance(95))
                {
                    form.Add(
                        new ByteArrayContent(Chance(5) ? Face.Value : Pick(Files.Value)),
                        name,
                        OneLine(Pick(Texts)) is { Length: > 0 } filename
                            ? filename.Replace("\"", "", StringComparison.Ordinal) + ".jpg"
                            : "a.jpg");
                }
                else
                {
                    form.Add(new StringContent(Chance(70) ? Plain(Allowed(name, field.AsObject())) : Pick(Chance(50) ? Texts : Numbers)), name);
                }
            }
        }

        if (Chance(75))
        {
            return form;
        }

        var type = form.Headers.ContentType!.ToString();
        using var read = new MemoryStream();
        form.CopyTo(read, null, CancellationToken.None);
        var bytes = read.ToArray();
        return random.Next(7) switch
        {
            0 => Raw(bytes[..random.Next(bytes.Length)], type),
            1 => Raw(bytes, "multipart/form-data"),
            2 => Raw(bytes, "multipart/form-data; boundary=other"),
            3 => Raw(bytes, "multipart/form-data; boundary=" + new string('b', 300)),
            4 => Raw(bytes, Pick(["application/json", "text/plain", "application/x-www-form-urlencoded", ""])),
            5 => Raw([.. bytes.Take(80), 0, 0xFF, (byte)'\n', .. bytes.Skip(85)], type),
            _ => Raw([], type),
        };
    }

    private static ByteArrayContent Raw(byte[] bytes, string type)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return content;
    }

    private bool Chance(int percent) => random.Next(100) < percent;

    private T Pick<T>(IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];

    // As a careless client writes it.
    private static readonly JsonSerializerOptions Lenient = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex PathParameter();

    [GeneratedRegex(@":-?\d[\d.eE+-]*")]
    private static partial Regex NumberInJson();
}
