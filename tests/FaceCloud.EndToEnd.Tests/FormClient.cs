using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>The records and analytics dialects as their clients speak them: multipart forms.</summary>
internal static class FormClient
{
    /// <summary>Posts a photo under the given field with further fields; the answer as it is.</summary>
    public static async Task<(int Status, JsonNode Body, HttpResponseHeaders Headers)> PostPhotoAsync(
        this HttpClient http, string path, string field, byte[]? photo, params (string Name, string Value)[] fields)
    {
        using var form = new MultipartFormDataContent();
        if (photo is not null)
        {
            form.Add(new ByteArrayContent(photo), field, "photo.jpg");
        }

        foreach (var (name, value) in fields)
        {
            form.Add(new StringContent(value), name);
        }

        using var response = await http.PostAsync(path, form, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await BodyAsync(response), response.Headers);
    }

    /// <summary>As above, and it worked.</summary>
    public static async Task<JsonNode> PostedAsync(
        this HttpClient http, string path, string field, string photo, params (string Name, string Value)[] fields)
    {
        var (status, body, _) = await http.PostPhotoAsync(path, field, await File.ReadAllBytesAsync(photo, TestContext.Current.CancellationToken), fields);
        Assert.True(status == 200, $"{status} {body}");
        return body;
    }

    public static async Task<(int Status, JsonNode Body)> SendAsync(this HttpClient http, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await BodyAsync(response));
    }

    /// <summary>The body of these dialects' errors: <c>{"detail": "a sentence"}</c>.</summary>
    public static void AssertDetail(int expected, int status, JsonNode body)
    {
        Assert.True(expected == status, $"{status} instead of {expected}: {body}");
        var (name, value) = Assert.Single(body.AsObject());
        Assert.Equal("detail", name);
        Assert.Matches(@"\A[A-Z][^\r\n]{9,299}\z", (string)value!);
    }

    private static async Task<JsonNode> BodyAsync(HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
}
