using System.Text.Json;
using System.Text.Json.Nodes;

namespace FaceCloud.Standalone.Commands.Import;

/// <summary>Enrols each photo under its person's name. The hash in a record's metadata tells which photo it is of.</summary>
internal sealed class RecordsTarget(HttpClient http) : IImportTarget
{
    private const int PageSize = 1000;
    private const string HashField = "sha256";

    private HashSet<PhotoKey> _before = [];
    private long _recordsBefore;

    public async Task PrepareAsync(CancellationToken cancellationToken) => (_before, _recordsBefore) = await ListAsync(0, cancellationToken);

    public Task<bool> HadAsync(PhotoKey photo, CancellationToken cancellationToken) => Task.FromResult(_before.Contains(photo));

    public async Task<bool> HasAsync(PhotoKey photo, CancellationToken cancellationToken) =>
        (await ListAsync(_recordsBefore, cancellationToken)).Photos.Contains(photo);

    public async Task<HttpResponseMessage> SendAsync(Photo photo, PhotoKey key)
    {
        await using var file = File.OpenRead(photo.Path);
        using var form = new MultipartFormDataContent
        {
            { new StreamContent(file), "image", "photo" },
            { new StringContent(photo.Person), "name" },
            { new StringContent(new JsonObject { ["file"] = photo.File, [HashField] = key.Sha256 }.ToJsonString()), "metadata" },
        };
        return await http.PostAsync("records", form);
    }

    public Task<string?> FailureAsync(HttpResponseMessage accepted) => Task.FromResult<string?>(null);

    /// <summary>The photos that records are of, and how many records there are.</summary>
    /// <param name="skip">How many of the oldest records to leave out. Records are listed as they were made, so these are always the same.</param>
    /// <param name="cancellationToken">Between pages, too.</param>
    private async Task<(HashSet<PhotoKey> Photos, long Records)> ListAsync(long skip, CancellationToken cancellationToken)
    {
        var photos = new HashSet<PhotoKey>();
        var position = skip;
        while (true)
        {
            using var response = await http.GetAsync($"records?skip={position}&limit={PageSize}", cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw new CommandException($"The records cannot be listed: {await ServerAnswer.SentenceAsync(response)}");
            }

            var records = (await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("records");
            foreach (var record in records.EnumerateArray())
            {
                if (HashOf(record.GetProperty("metadata")) is { } hash)
                {
                    photos.Add(new PhotoKey(record.GetProperty("name").GetString()!, hash));
                }
            }

            var count = records.GetArrayLength();
            position += count;
            if (count < PageSize)
            {
                return (photos, position);
            }
        }
    }

    // Metadata is whatever the client that enrolled the face sent.
    private static string? HashOf(JsonElement metadata) =>
        metadata.ValueKind == JsonValueKind.Object && metadata.TryGetProperty(HashField, out var hash) && hash.ValueKind == JsonValueKind.String
            ? hash.GetString()
            : null;
}
