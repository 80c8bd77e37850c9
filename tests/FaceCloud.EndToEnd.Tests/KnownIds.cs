using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>Ids of what is there: in the gallery that is called, and in one that is not.</summary>
internal sealed class KnownIds
{
    public const string Gallery = "fuzz";
    public const string OtherGallery = "elsewhere";

    private readonly HashSet<string> _numbers = [];
    private readonly HashSet<string> _uuids = [];

    public string[] Numbers => [.. _numbers.Order(StringComparer.Ordinal)];

    public string[] Uuids => [.. _uuids.Order(StringComparer.Ordinal)];

    public static async Task<KnownIds> MakeAsync(Guarded facecloud)
    {
        var known = new KnownIds();
        foreach (var (gallery, photos) in ((string, IEnumerable<string>)[])[
            (Gallery, People.SinglePhotos.Take(6)), (OtherGallery, People.SinglePhotos.Skip(6).Take(1))])
        {
            using var http = new HttpClient { BaseAddress = facecloud.Http.BaseAddress, Timeout = facecloud.Http.Timeout };
            http.DefaultRequestHeaders.Add("X-Gallery", gallery);
            http.DefaultRequestHeaders.Authorization = new("Bearer", new HandMadeToken { Role = "admin" }.SignWith(facecloud.Secret));
            known.Collect(await PostAsync(http, "/api/v1/albums", JsonContent.Create(new { name = "Fuzz" })));
            known.Collect(await PostAsync(http, "/api/people", JsonContent.Create(new { name = "Somebody" })));
            await http.AddAsync("Somebody", photos.First());
            using var form = new MultipartFormDataContent { { new StringContent("true"), "wait" } };
            foreach (var photo in photos)
            {
                form.Add(new ByteArrayContent(await File.ReadAllBytesAsync(photo)), "file", Path.GetFileName(photo));
            }

            known.Collect(await PostAsync(http, "/api/photos", form));
            known.Collect(await http.GetFromJsonAsync<JsonNode>("/records"));
            known.Collect(await PostAsync(http, "/api/v1/faces/filter", JsonContent.Create(new { })));
            known.Collect(await http.GetFromJsonAsync<JsonNode>("/api/people"));
        }

        return known;
    }

    private static async Task<JsonNode> PostAsync(HttpClient http, string path, HttpContent content)
    {
        using var response = await http.PostAsync(path, content);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!;
    }

    private void Collect(JsonNode? node)
    {
        foreach (var (name, value) in node as JsonObject ?? [])
        {
            if (value is JsonValue id && (name == "id" || name.EndsWith("_id", StringComparison.Ordinal) || name == "uuid"))
            {
                (id.GetValueKind() == System.Text.Json.JsonValueKind.Number ? _numbers : _uuids).Add(id.ToString());
            }
            else if (value is JsonObject or JsonArray)
            {
                Collect(value);
            }
        }

        foreach (var item in node as JsonArray ?? [])
        {
            Collect(item);
        }
    }
}
