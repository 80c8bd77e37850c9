using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace FaceCloud.Standalone.Commands;

/// <summary>What a server says when it does not do what it was asked.</summary>
internal static class ServerAnswer
{
    private static readonly TimeSpan DefaultPause = TimeSpan.FromSeconds(1);

    /// <summary>The server's own sentence, from the body of any dialect; the status where there is none.</summary>
    public static async Task<string> SentenceAsync(HttpResponseMessage response)
    {
        try
        {
            using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            foreach (var name in (string[])["detail", "error"])
            {
                if (body.RootElement.ValueKind == JsonValueKind.Object
                    && body.RootElement.TryGetProperty(name, out var text)
                    && text.ValueKind == JsonValueKind.String)
                {
                    return text.GetString()!;
                }
            }
        }
        catch (JsonException)
        {
            // A proxy in between answers pages.
        }

        return $"The server answers {(int)response.StatusCode} {response.ReasonPhrase}.";
    }

    /// <summary>How long to wait before asking again; null where that would not help.</summary>
    public static TimeSpan? Pause(HttpResponseMessage response) => response.StatusCode != HttpStatusCode.ServiceUnavailable
        ? null
        : response.Headers.RetryAfter switch
        {
            RetryConditionHeaderValue { Delta: { } delta } => delta,
            RetryConditionHeaderValue { Date: { } date } when date > DateTimeOffset.UtcNow => date - DateTimeOffset.UtcNow,
            _ => DefaultPause,
        };
}
