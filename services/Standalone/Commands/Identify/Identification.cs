using System.Text.Json;

namespace FaceCloud.Standalone.Commands.Identify;

/// <summary>Asks the server who is on a photo.</summary>
internal sealed class Identification(HttpClient http, double? threshold)
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(2);

    /// <summary>As the device dialect writes it, and as <c>--json</c> prints it.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public async Task<IdentifiedFile> OfAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var image = Convert.ToBase64String(await File.ReadAllBytesAsync(path, cancellationToken));
            using var response = await AskAsync(image, cancellationToken);
            return response.IsSuccessStatusCode
                ? new IdentifiedFile(path, (await response.Content.ReadFromJsonAsync<Answer>(Json, cancellationToken))!.Faces)
                : new IdentifiedFile(path, Error: await ServerAnswer.SentenceAsync(response));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new IdentifiedFile(path, Error: e.Message);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new IdentifiedFile(path, Error: $"The connection to the server was lost: {e.Message}");
        }
    }

    private async Task<HttpResponseMessage> AskAsync(string image, CancellationToken cancellationToken)
    {
        var waited = TimeSpan.Zero;
        while (true)
        {
            var response = await http.PostAsJsonAsync("v1/recognize", new { image, threshold }, cancellationToken);
            if (ServerAnswer.Pause(response) is not { } pause || (waited += pause) > MaxWait)
            {
                return response;
            }

            response.Dispose();
            await Task.Delay(pause, cancellationToken);
        }
    }

    private sealed record Answer(IdentifiedFace[] Faces);
}

/// <param name="File">As it was named on the command line.</param>
/// <param name="Faces">The largest first; null if it failed.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record IdentifiedFile(string File, IdentifiedFace[]? Faces = null, string? Error = null);

/// <summary>A face as the device dialect describes it.</summary>
internal sealed record IdentifiedFace(
    int[] Bbox, double DetectionConfidence, string Identity, double MatchScore, double? Cosine, double Threshold, string Model);
