namespace FaceCloud.EndToEnd.Tests;

/// <summary>One running program for all tests of a class that leave nothing behind in the default gallery of each other.</summary>
public sealed class RunningFaceCloud : IAsyncLifetime
{
    private readonly DataFolder _data = new();

    public FaceCloudProcess Program { get; private set; } = null!;

    public HttpClient Http => Program.Http;

    public async ValueTask InitializeAsync() => Program = await FaceCloudProcess.StartAsync(_data.Path);

    public async ValueTask DisposeAsync()
    {
        await Program.DisposeAsync();
        _data.Dispose();
    }

    /// <summary>A client that sees only a gallery of its own.</summary>
    public HttpClient Gallery(string name)
    {
        var http = new HttpClient { BaseAddress = Http.BaseAddress, Timeout = Http.Timeout };
        http.DefaultRequestHeaders.Add("X-Gallery", name);
        return http;
    }
}
