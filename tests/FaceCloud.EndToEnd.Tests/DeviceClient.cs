using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>The device dialect as its clients speak it.</summary>
public static class DeviceClient
{
    public static string Image(string path) => "data:image/jpeg;base64," + Convert.ToBase64String(File.ReadAllBytes(path));

    public static async Task<JsonNode> DetectAsync(this HttpClient http, string path, bool landmarks = false) =>
        await SuccessAsync(await http.PostAsJsonAsync("/v1/detect", new { image = Image(path), return_landmarks = landmarks }));

    /// <summary>The embedding of the face in the box, or of the largest one; null if there is none.</summary>
    public static async Task<float[]?> EmbedAsync(this HttpClient http, string path, JsonNode? bbox = null)
    {
        using var response = await http.PostAsJsonAsync("/v1/embed", new { image = Image(path), bbox });
        return response.StatusCode == HttpStatusCode.BadRequest ? null : (await SuccessAsync(response))["embedding"].Deserialize<float[]>();
    }

    /// <summary>Enrols the face in the box, or the largest one.</summary>
    public static async Task AddAsync(this HttpClient http, string name, string path, JsonNode? bbox = null) =>
        await SuccessAsync(await http.PostAsJsonAsync("/v1/database/add", new { name, image = Image(path), bbox }));

    public static async Task<JsonNode> RecognizeAsync(this HttpClient http, string path, double? threshold = null) =>
        await SuccessAsync(await http.PostAsJsonAsync(
            "/v1/recognize", threshold is null ? new { image = Image(path) } : (object)new { image = Image(path), threshold }));

    /// <summary>Name to number of embeddings.</summary>
    public static async Task<Dictionary<string, int>> ListAsync(this HttpClient http) =>
        (await SuccessAsync(await http.GetAsync("/v1/database/list")))["identities"]!.AsArray()
            .ToDictionary(identity => (string)identity!["name"]!, identity => (int)identity!["embedding_count"]!);

    /// <summary>The identity of the largest face, or "Unknown" if there is none.</summary>
    public static string Largest(JsonNode recognition) => (string?)recognition["faces"]!.AsArray().FirstOrDefault()?["identity"] ?? "Unknown";

    private static async Task<JsonNode> SuccessAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {body}");
            return JsonNode.Parse(body)!;
        }
    }
}
