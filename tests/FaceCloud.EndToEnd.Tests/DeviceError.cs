using System.Text.Json.Nodes;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>How the device dialect says that something went wrong.</summary>
internal static class DeviceError
{
    /// <summary>The status, and a JSON body of the one field <c>error</c> that holds a sentence for the client and nothing of the program's inside.</summary>
    public static async Task AssertAsync(int status, HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} instead of {status}: {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var (field, value) = Assert.Single(JsonNode.Parse(text)!.AsObject());
        Assert.Equal("error", field);
        var sentence = (string)value!;
        Assert.Matches(@"\A[A-Z][^\r\n]{9,299}\z", sentence);
        Assert.DoesNotMatch(@"Exception|System\.|Microsoft|\.cs\b|/(tmp|root|home|work|usr)\b", sentence);
        Assert.Equal(status == 503, response.Headers.RetryAfter is not null);
    }
}
