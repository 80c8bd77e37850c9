using System.Buffers.Binary;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>The library dialect as its clients speak it.</summary>
internal static class LibraryClient
{
    /// <summary>When the photos that these tests upload say they were taken.</summary>
    public const string Taken = "2023-01-01T12:00:00Z";

    /// <summary>Uploads a photo, waits until it is processed, and gives the id of its largest face.</summary>
    public static async Task<long> FaceAsync(this HttpClient http, string photo)
    {
        var file = WithDate(await File.ReadAllBytesAsync(photo, TestContext.Current.CancellationToken));
        var (status, body, _) = await http.PostPhotoAsync("/api/photos?wait=true", "file", file);
        Assert.True(status == 200, $"{status} {body}");
        Assert.Equal("processed", (string?)body["photos"]![0]!["status"]);
        return (long)body["photos"]![0]!["faces"]![0]!["id"]!;
    }

    public static async Task<long> PersonAsync(this HttpClient http, string name)
    {
        var (status, body, _) = await http.CallAsync(HttpMethod.Post, "/api/people", new { name });
        Assert.True(status == 201, $"{status} {body}");
        return (long)body["id"]!;
    }

    public static async Task<(int Status, JsonNode Body, HttpResponseHeaders Headers)> CallAsync(
        this HttpClient http, HttpMethod method, string path, object? json = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = json switch
        {
            null => null,
            string text => new StringContent(text, Encoding.UTF8, "application/json"),
            _ => JsonContent.Create(json),
        };
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, JsonNode.Parse(body)!, response.Headers);
    }

    /// <summary>As above, and it worked.</summary>
    public static async Task<JsonNode> OkAsync(this HttpClient http, HttpMethod method, string path, object? json = null)
    {
        var (status, body, _) = await http.CallAsync(method, path, json);
        Assert.True(status == 200, $"{status} {body}");
        return body;
    }

    /// <summary>It is refused with exactly this body.</summary>
    public static async Task RefusedAsync(this HttpClient http, int expected, string body, HttpMethod method, string path, object? json = null)
    {
        var (status, actual, _) = await http.CallAsync(method, path, json);
        Assert.True(expected == status, $"{status} instead of {expected}: {actual}");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(body), actual), $"{actual} instead of {body}");
    }

    /// <summary>The same property names, at every depth, and the same kinds of values as the published example; of arrays every element.</summary>
    public static void AssertLike(string example, JsonNode actual) => AssertLike(JsonNode.Parse(example)!, actual, "$");

    private static void AssertLike(JsonNode? example, JsonNode? actual, string path)
    {
        Assert.True(example?.GetValueKind() == actual?.GetValueKind() || (IsFlag(example) && IsFlag(actual)), $"{path} is {actual?.ToJsonString() ?? "null"}.");
        switch (example)
        {
            case JsonObject properties:
                Assert.Equal(properties.Select(property => property.Key).Order(), actual!.AsObject().Select(property => property.Key).Order());
                foreach (var (name, value) in properties)
                {
                    AssertLike(value, actual[name], $"{path}.{name}");
                }

                break;
            case JsonArray { Count: > 0 } elements:
                Assert.NotEmpty(actual!.AsArray());
                foreach (var element in actual.AsArray())
                {
                    AssertLike(elements[0], element, $"{path}[]");
                }

                break;
        }
    }

    private static bool IsFlag(JsonNode? node) => node?.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False;

    /// <summary>
    /// The same JPEG with an EXIF segment that says when it was taken: https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2023-E,
    /// 4.5.4 and 4.6.5; tag 0x8769 leads to the Exif IFD, 0x9003 there is DateTimeOriginal.
    /// </summary>
    private static byte[] WithDate(byte[] jpeg)
    {
        const int ExifIfd = 26;
        const int Text = 44;
        var tiff = new byte[Text + 20];
        "II"u8.CopyTo(tiff);
        BinaryPrimitives.WriteUInt16LittleEndian(tiff.AsSpan(2), 42);
        BinaryPrimitives.WriteUInt32LittleEndian(tiff.AsSpan(4), 8);
        Entry(tiff.AsSpan(8), tag: 0x8769, type: 4, count: 1, value: ExifIfd);
        Entry(tiff.AsSpan(ExifIfd), tag: 0x9003, type: 2, count: 20, value: Text);
        "2023:01:01 12:00:00\0"u8.CopyTo(tiff.AsSpan(Text));
        byte[] name = [.. "Exif\0\0"u8];
        var length = 2 + name.Length + tiff.Length;
        return [.. jpeg[..2], 0xFF, 0xE1, (byte)(length >> 8), (byte)length, .. name, .. tiff, .. jpeg[2..]];

        static void Entry(Span<byte> ifd, ushort tag, ushort type, uint count, uint value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(ifd, 1);
            BinaryPrimitives.WriteUInt16LittleEndian(ifd[2..], tag);
            BinaryPrimitives.WriteUInt16LittleEndian(ifd[4..], type);
            BinaryPrimitives.WriteUInt32LittleEndian(ifd[6..], count);
            BinaryPrimitives.WriteUInt32LittleEndian(ifd[10..], value);
        }
    }
}
