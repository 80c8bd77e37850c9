namespace FaceCloud.Gateway.Edge;

/// <summary>Headers for every answer to a call: set when it starts, because whoever answers with an error begins with an empty response.</summary>
internal static class LateHeader
{
    public static void Set(HttpResponse response, string name, string value) => response.OnStarting(() =>
    {
        response.Headers[name] = value;
        return Task.CompletedTask;
    });
}
