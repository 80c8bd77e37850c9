using System.Net;
using System.Text.Json;

namespace FaceCloud.Standalone.Commands.Import;

/// <summary>Puts each photo into the photo library, which knows a photo by its bytes, and waits until its faces are found.</summary>
internal sealed class LibraryTarget(HttpClient http) : IImportTarget
{
    private const string Failed = "failed";

    public Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<bool> HadAsync(PhotoKey photo, CancellationToken cancellationToken) => HasAsync(photo, cancellationToken);

    public async Task<bool> HasAsync(PhotoKey photo, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync($"api/photos?sha256={photo.Sha256}", cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new CommandException($"The photos cannot be listed: {await ServerAnswer.SentenceAsync(response)}");
        }

        // One that failed is sent again, which makes the server try again.
        return Photos(await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).Any(known => known.GetProperty("status").GetString() != Failed);
    }

    public async Task<HttpResponseMessage> SendAsync(Photo photo, PhotoKey key)
    {
        await using var file = File.OpenRead(photo.Path);
        using var form = new MultipartFormDataContent { { new StreamContent(file), "file", Path.GetFileName(photo.Path) } };
        return await http.PostAsync("api/photos?wait=true", form);
    }

    public async Task<string?> FailureAsync(HttpResponseMessage accepted)
    {
        var photo = Photos(await accepted.Content.ReadFromJsonAsync<JsonElement>()).Single();
        return accepted.StatusCode == HttpStatusCode.OK && photo.GetProperty("status").GetString() == Failed ? photo.GetProperty("reason").GetString() : null;
    }

    private static JsonElement.ArrayEnumerator Photos(JsonElement answer) => answer.GetProperty("photos").EnumerateArray();
}
