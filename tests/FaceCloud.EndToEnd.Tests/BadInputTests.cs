using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>Every call of the device dialect given everything it should refuse.</summary>
public sealed class BadInputTests(RunningFaceCloud facecloud, ITestOutputHelper output) : IClassFixture<RunningFaceCloud>
{
    private const int TooLarge = 21 << 20;

    private static readonly string[] ImageCalls = ["/v1/detect", "/v1/embed", "/v1/recognize", "/v1/database/add"];
    private static readonly string[] BoxCalls = ["/v1/embed", "/v1/database/add"];
    private static readonly string[] NameCalls = ["/v1/database/add", "/v1/database/remove"];
    private static readonly string[] BodyCalls = [.. ImageCalls, "/v1/database/remove"];

    private static readonly Lazy<byte[]> Face = new(() => File.ReadAllBytes(People.All[0].Photos[0]));
    private static readonly Lazy<byte[]> NoFace = new(() => File.ReadAllBytes(TestFiles.Photo("hard", "no_face.png")));
    private static readonly Lazy<byte[]> Bomb = new(() => HandMade.Png(20_000, 20_000));

    private static readonly Dictionary<(string Call, string Given), (int Status, Func<HttpRequestMessage> Request)> Table = MakeTable();

    public static IEnumerable<TheoryDataRow<string, string, int>> Rows =>
        Table.Select(row => new TheoryDataRow<string, string, int>(row.Key.Call, row.Key.Given, row.Value.Status));

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_call_refuses(string call, string given, int status)
    {
        using var response = await facecloud.Http.SendAsync(Table[(call, given)].Request());
        await DeviceError.AssertAsync(status, response);
    }

    [Theory]
    [InlineData("/v1/detect")]
    [InlineData("/v1/recognize")]
    public async Task An_image_without_a_face_is_no_error_where_none_is_needed(string call)
    {
        using var response = await facecloud.Http.SendAsync(Post(call, Object([("image", Quoted(Uri("image/png", NoFace.Value)))])));
        var body = await response.Content.ReadFromJsonAsync<JsonObject>();
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(0, (int)body!["count"]!);
        Assert.Empty(body["faces"]!.AsArray());
    }

    // As most HTTP clients do it: the whole body is sent before anything is read. A server that hangs up half-way through shows
    // such a client a reset connection in place of the answer.
    [Theory]
    [InlineData("/v1/detect", false)]
    [InlineData("/v1/detect", true)]
    [InlineData("/v1/database/remove", false)]
    [InlineData("/v1/database/remove", true)]
    public async Task A_client_that_sends_all_of_a_body_too_large_before_it_reads_gets_to_read_the_413(string call, bool chunked)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(facecloud.Http.BaseAddress!.Host, facecloud.Http.BaseAddress.Port);
        await using var stream = client.GetStream();
        var length = chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {TooLarge}";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {call} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{length}\r\n\r\n"));
        var piece = new byte[1 << 20];
        Array.Fill(piece, (byte)' ');
        for (var sent = 0; sent < TooLarge; sent += piece.Length)
        {
            await stream.WriteAsync(chunked ? [.. Encoding.ASCII.GetBytes($"{piece.Length:x}\r\n"), .. piece, .. "\r\n"u8] : piece);
        }

        await stream.WriteAsync(chunked ? "0\r\n\r\n"u8.ToArray() : []);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        Assert.Equal("HTTP/1.1 413 Payload Too Large", await reader.ReadLineAsync());
    }

    [Theory]
    [InlineData("/api/faces/batch-assign", "code")]
    [InlineData("/api/v1/faces/filter", "detail")]
    [InlineData("/api/v1/faces/quality-check", "detail")]
    [InlineData("/api/v1/faces/batch-delete", "detail")]
    public async Task A_body_too_large_of_another_dialect_is_refused_in_its_form(string call, string field)
    {
        using var http = facecloud.Admin("too-large");
        using var response = await http.SendAsync(Post(call, new byte[TooLarge]));
        Assert.Equal(413, (int)response.StatusCode);
        var said = (string?)(await response.Content.ReadFromJsonAsync<JsonObject>())![field];
        Assert.True(field == "code" ? said == "TOO_LARGE" : said!.Length > 0);
    }

    [Fact]
    public async Task After_rounds_of_all_this_memory_is_where_it_was_and_the_next_request_is_fine()
    {
        // A leak of 25 KB a request would show, and so do large arrays kept where they add up.
        const int WarmUp = 2, Rounds = 6;
        const long Bound = 64L << 20;
        using var process = Process.GetProcessById(facecloud.Program.Pid);
        var memory = new List<long>();
        for (var round = 0; round < WarmUp + Rounds; round++)
        {
            foreach (var (status, request) in Table.Values)
            {
                using var response = await facecloud.Http.SendAsync(request());
                Assert.Equal(status, (int)response.StatusCode);
            }

            process.Refresh();
            memory.Add(process.WorkingSet64);
        }

        output.WriteLine($"{Table.Count} bad requests a round; MB resident after each: {string.Join(", ", memory.Select(bytes => bytes >> 20))}.");
        Assert.InRange(memory.Skip(WarmUp).Max() - memory.Take(WarmUp).Max(), long.MinValue, Bound);

        Assert.Equal(1, (int)(await facecloud.Http.DetectAsync(People.All[0].Photos[0]))["count"]!);
        Assert.Empty(await facecloud.Http.ListAsync());
        using var fresh = facecloud.Gallery("afterwards");
        await fresh.AddAsync("Somebody", People.All[0].Photos[0]);
        Assert.Equal("Somebody", DeviceClient.Largest(await fresh.RecognizeAsync(People.All[0].Photos[0])));
        Assert.DoesNotContain("fail:", facecloud.Program.Output, StringComparison.Ordinal);
    }

    private static Dictionary<(string, string), (int, Func<HttpRequestMessage>)> MakeTable()
    {
        var table = new Dictionary<(string, string), (int, Func<HttpRequestMessage>)>();
        Bodies(table);
        Sizes(table);
        Images(table);
        Fields(table);
        Names(table);
        Routes(table);
        foreach (var call in BoxCalls)
        {
            table[(call, "a box in an image of one pixel")] = (400, () => Post(call, Object(
                [
                    .. ValidFields(call).Where(field => field.Field != "image"),
                    ("image", Quoted(Uri("image/png", HandMade.Png(1, 1)))),
                    ("bbox", "[0,0,1,1]")
                ])));
        }

        return table;
    }

    private static void Bodies(Dictionary<(string, string), (int, Func<HttpRequestMessage>)> table)
    {
        var texts = new (string Given, Func<string, string> Body)[]
        {
            ("an empty body", _ => ""),
            ("a body of white space", _ => " \n"),
            ("an empty object", _ => "{}"),
            ("null", _ => "null"),
            ("an array", call => $"[{Valid(call)}]"),
            ("an empty array", _ => "[]"),
            ("a number", _ => "1e400"),
            ("a JSON string", _ => "\"image\""),
            ("text", _ => "image=abc"),
            ("an object that stops before its end", call => Valid(call)[..^1]),
            ("an object that stops half-way", call => Valid(call)[..(Valid(call).Length / 2)]),
            ("two objects", call => Valid(call) + Valid(call)),
            ("an object and a word", call => Valid(call) + " x"),
            ("a trailing comma", call => Valid(call)[..^1] + ",}"),
            ("a comment", call => "/* */" + Valid(call)),
            ("single quotes", call => Valid(call).Replace('"', '\'')),
            ("field names in capitals", call => Valid(call)
                .Replace("\"image\"", "\"IMAGE\"", StringComparison.Ordinal)
                .Replace("\"name\"", "\"NAME\"", StringComparison.Ordinal)),
            ("arrays nested 100000 deep", _ => new string('[', 100_000)),
            ("a needed field nested 100000 deep", call => $$"""{"{{(NameCalls.Contains(call) ? "name" : "image")}}":{{new string('[', 100_000)}}"""),
            ("an unknown field nested 1000 deep", call => $$"""{"x":{{new string('[', 1000)}}{{new string(']', 1000)}},{{Valid(call)[1..]}}"""),
        };
        foreach (var call in BodyCalls)
        {
            foreach (var (given, body) in texts)
            {
                table[(call, given)] = (400, () => Post(call, body(call)));
            }

            var needed = NameCalls.Contains(call) ? "name" : "image";
            table[(call, "a needed field of invalid UTF-8")] = (400, () => Post(
                call, [.. Encoding.UTF8.GetBytes($$"""{"{{needed}}":"A"""), 0xC3, 0x28, 0xFF, .. "\"}"u8]));
            table[(call, "bytes that are no text")] = (400, () => Post(call, [0x00, 0xFF, 0xFE, 0x01]));
            table[(call, "UTF-16")] = (400, () => Post(call, Encoding.Unicode.GetBytes(Valid(call))));
            foreach (var type in new[]
            {
                "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "image/jpeg", "application/octet-stream", null
            })
            {
                table[(call, $"the content type {type ?? "left out"}")] = (400, () => Post(call, Encoding.UTF8.GetBytes(Valid(call)), type));
            }
        }
    }

    private static void Sizes(Dictionary<(string, string), (int, Func<HttpRequestMessage>)> table)
    {
        foreach (var call in BodyCalls)
        {
            table[(call, "a body of 21 MB")] = (413, () => Post(call, new byte[TooLarge]));
            table[(call, "a body of 21 MB in chunks")] = (413, () =>
            {
                var request = Post(call, new byte[TooLarge]);
                request.Headers.TransferEncodingChunked = true;
                return request;
            });
        }

        foreach (var call in ImageCalls)
        {
            table[(call, "a PNG of 400 megapixels")] = (413, () => Post(call, With(call, "image", Quoted(Uri("image/png", Bomb.Value)))));
        }
    }

    private static void Images(Dictionary<(string, string), (int, Func<HttpRequestMessage>)> table)
    {
        var images = new (string Given, Func<string> Json)[]
        {
            ("null", () => "null"),
            ("a number", () => "5"),
            ("a huge number", () => "1e400"),
            ("true", () => "true"),
            ("an array", () => "[]"),
            ("an array of bytes", () => "[255,216,255]"),
            ("an object", () => "{}"),
            ("empty text", () => "\"\""),
            ("white space", () => "\"  \""),
            ("no base64", () => "\"@@@@\""),
            ("base64 cut in a group", () => "\"/9j/4\""),
            ("base64 with a letter from beyond", () => "\"/9j/4AAQSkZJR§==\""),
            ("a lone surrogate", () => "\"\\ud800\""),
            ("a path", () => "\"/etc/passwd\""),
            ("an address", () => "\"http://127.0.0.1/photo.jpg\""),
            ("a data URI of nothing", () => "\"data:image/jpeg;base64,\""),
            ("a data URI without base64", () => "\"data:image/jpeg,abcd\""),
            ("a data URI without data", () => "\"data:image/jpeg;base64\""),
            ("only the start of a data URI", () => "\"data:\""),
            ("text", () => Quoted(Convert.ToBase64String("This is no image, but a sentence of some length."u8))),
            ("an SVG", () => Quoted(Convert.ToBase64String("""<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"/>"""u8))),
            ("a PDF", () => Quoted(Convert.ToBase64String("%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF"u8))),
            ("the first half of a JPEG", () => Quoted(Uri("image/jpeg", Face.Value.AsSpan(0, Face.Value.Length / 2)))),
            ("the first bytes of a JPEG", () => Quoted(Uri("image/jpeg", Face.Value.AsSpan(0, 20)))),
            ("the first half of a PNG", () => Quoted(Uri("image/png", NoFace.Value.AsSpan(0, NoFace.Value.Length / 2)))),
            ("a JPEG that is noise after its start", () => Quoted(Uri("image/jpeg", Noise([0xFF, 0xD8, 0xFF, 0xE0])))),
            ("a WebP that is noise after its start", () => Quoted(Uri("image/webp", Noise("RIFF\0\0\x01\0WEBPVP8 "u8)))),
            ("a BMP that is noise after its start", () => Quoted(Uri("image/bmp", Noise("BM"u8)))),
            ("a GIF that is noise after its start", () => Quoted(Uri("image/gif", Noise("GIF89a"u8)))),
        };
        foreach (var call in ImageCalls)
        {
            table[(call, "no image")] = (400, () => Post(call, With(call, "image", null)));
            foreach (var (given, json) in images)
            {
                table[(call, $"as image {given}")] = (400, () => Post(call, With(call, "image", json())));
            }
        }

        foreach (var call in BoxCalls)
        {
            table[(call, "an image without a face")] = (400, () => Post(call, With(call, "image", Quoted(Uri("image/png", NoFace.Value)))));
        }
    }

    private static void Fields(Dictionary<(string, string), (int, Func<HttpRequestMessage>)> table)
    {
        var wrong = new (string Field, string[] Calls, string[] Json)[]
        {
            ("bbox", BoxCalls,
            [
                "[]", "[1,2,3]", "[1,2,3,4,5]", "[10,10,-5,10]", "[10,10,5,-10]", "[10,10,0,10]", "[10,10,10,0]", "[5000,5000,50,50]", "[-5000,-5000,50,50]",
                "[0,0,1000000,1000000]", "[-1000000,-1000000,1000000,1000000]", "[0,0,1e9,1e9]", "[1e308,0,10,10]",
                "[-1e308,-1e308,1e308,1e308]", "[1e400,0,10,10]", "[0,0,1e400,10]",
                "[0,0,1e-320,1e-320]", "[null,0,10,10]", "[\"1\",\"2\",\"30\",\"40\"]", "[[1],2,3,4]", "[true,2,3,4]", "[NaN,0,10,10]", "[Infinity,0,10,10]",
                "{}", "{\"x\":1,\"y\":2,\"width\":3,\"height\":4}", "\"1,2,3,4\"", "5", "true",
            ]),
            ("threshold", ["/v1/recognize"],
            [
                "-0.1", "1.1", "2", "-1", "1e308", "-1e308", "1e400", "-1e400", "99999999999999999999999999999999",
                "\"0.5\"", "\"NaN\"", "NaN", "Infinity", "true", "[]", "[0.5]", "{}", "0x1", "01",
            ]),
            ("return_landmarks", ["/v1/detect"], ["\"true\"", "\"\"", "1", "0", "[]", "{}", "True"]),
            ("strict", ["/v1/database/add"], ["\"true\"", "1", "[]", "{}"]),
        };
        foreach (var (field, calls, values) in wrong)
        {
            foreach (var call in calls)
            {
                foreach (var json in values)
                {
                    table[(call, $"as {field} {json}")] = (400, () => Post(call, With(call, field, json)));
                }
            }
        }
    }

    private static void Names(Dictionary<(string, string), (int, Func<HttpRequestMessage>)> table)
    {
        var names = new (string Given, string Json)[]
        {
            ("null", "null"),
            ("a number", "5"),
            ("true", "true"),
            ("an array", "[\"A\"]"),
            ("an object", "{}"),
            ("empty text", "\"\""),
            ("white space", "\" \\t\\u00a0\\u2003 \""),
            ("201 characters", Quoted(new string('a', 201))),
            ("10000 characters", Quoted(new string('a', 10_000))),
            ("a NUL inside", "\"A\\u0000B\""),
            ("a line break inside", "\"A\\nB\""),
            ("a raw line break inside", "\"A\nB\""),
            ("an escape character inside", "\"A\\u001b[31mB\""),
            ("a C1 control character inside", "\"A\\u0085B\""),
            ("a lone high surrogate", "\"A\\ud800\""),
            ("a lone low surrogate", "\"\\udc00A\""),
            ("surrogates the wrong way round", "\"\\udc00\\ud800\""),
            ("an escape that is none", "\"\\x41\""),
        };
        foreach (var call in NameCalls)
        {
            table[(call, "no name")] = (400, () => Post(call, With(call, "name", null)));
            foreach (var (given, json) in names)
            {
                table[(call, $"as name {given}")] = (400, () => Post(call, With(call, "name", json)));
            }
        }

        foreach (var name in new[]
        {
            "Nobody of this name", "Nobody's \"name\" \\ '; DROP TABLE people; --", "Никто", "誰でもない", "%", "../../etc"
        })
        {
            table[("/v1/database/remove", $"the unknown name {name}")] =
                (404, () => Post("/v1/database/remove", With("/v1/database/remove", "name", Quoted(name))));
        }
    }

    private static void Routes(Dictionary<(string, string), (int, Func<HttpRequestMessage>)> table)
    {
        foreach (var call in BodyCalls)
        {
            foreach (var method in new[] { "GET", "PUT", "DELETE", "PATCH" })
            {
                table[(call, $"the method {method}")] = (405, () => new HttpRequestMessage(new HttpMethod(method), call));
            }
        }

        table[("/v1/database/list", "the method POST")] = (405, () => Post("/v1/database/list", "{}"));
        table[("/v1/database/list", "the method DELETE")] = (405, () => new HttpRequestMessage(HttpMethod.Delete, "/v1/database/list"));
        foreach (var path in new[]
        {
            "/v1", "/v1/", "/v1/nothing", "/v1/database", "/v1/detect/more", "/v1/database/list/1", "/v1/detect%2f", "/v1/detect%2fmore"
        })
        {
            table[(path, "a body")] = (404, () => Post(path, "{}"));
            table[(path, "none")] = (404, () => new HttpRequestMessage(HttpMethod.Get, path));
        }

        foreach (var value in new[] { "yes", "2", "true,false" })
        {
            table[("/v1/database/add", $"strict={value} in its address")] = (400, () => Post($"/v1/database/add?strict={value}", Valid("/v1/database/add")));
        }

        foreach (var call in new[] { "/v1/recognize", "/v1/database/add", "/v1/database/remove", "/v1/database/list" })
        {
            foreach (var gallery in new[]
            {
                "", " ", "a b", "a/b", "../default", ".hidden", "-", "a,b", "a;b", "'; DROP TABLE galleries; --", new string('a', 65), "*"
            })
            {
                table[(call, $"as X-Gallery '{gallery}'")] = (400, () =>
                {
                    var request = call.EndsWith("list", StringComparison.Ordinal) ? new HttpRequestMessage(HttpMethod.Get, call) : Post(call, Valid(call));
                    Assert.True(request.Headers.TryAddWithoutValidation("X-Gallery", gallery));
                    return request;
                });
            }

            table[(call, "two galleries")] = (400, () =>
            {
                var request = call.EndsWith("list", StringComparison.Ordinal) ? new HttpRequestMessage(HttpMethod.Get, call) : Post(call, Valid(call));
                request.Headers.Add("X-Gallery", ["one", "two"]);
                return request;
            });
        }
    }

    /// <summary>A body the call accepts, but for a name that is not enrolled.</summary>
    private static string Valid(string call) => Object(ValidFields(call));

    /// <summary>The same with one field exchanged, added or, with null, left out.</summary>
    private static string With(string call, string field, string? json) =>
        Object(ValidFields(call).Where(known => known.Field != field).Concat(json is null ? [] : [(field, json)]));

    private static List<(string Field, string Json)> ValidFields(string call)
    {
        var fields = new List<(string, string)>();
        if (NameCalls.Contains(call))
        {
            fields.Add(("name", "\"Nobody\""));
        }

        if (ImageCalls.Contains(call))
        {
            fields.Add(("image", Quoted(Uri("image/jpeg", Face.Value))));
        }

        return fields;
    }

    private static string Object(IEnumerable<(string Field, string Json)> fields) =>
        "{" + string.Join(',', fields.Select(field => $"\"{field.Field}\":{field.Json}")) + "}";

    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    private static string Uri(string type, ReadOnlySpan<byte> bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"data:{type};base64,{Convert.ToBase64String(bytes)}");

    private static byte[] Noise(ReadOnlySpan<byte> start)
    {
        var bytes = new byte[5000];
        new Random(1).NextBytes(bytes);
        start.CopyTo(bytes);
        return bytes;
    }

    private static HttpRequestMessage Post(string call, string body) => Post(call, Encoding.UTF8.GetBytes(body));

    private static HttpRequestMessage Post(string call, byte[] body, string? type = "application/json") => new(HttpMethod.Post, call)
    {
        Content = new ByteArrayContent(body) { Headers = { ContentType = type is null ? null : new MediaTypeHeaderValue(type) } },
    };
}
