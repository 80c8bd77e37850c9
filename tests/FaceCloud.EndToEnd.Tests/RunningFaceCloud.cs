using Xunit.Sdk;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>One running program for all tests of a class that leave nothing behind in the default gallery of each other.</summary>
public sealed class RunningFaceCloud : IAsyncLifetime
{
    private readonly DataFolder _data = new();

    private FaceCloudProcess? _program;
    private SkipException? _missing;

    public FaceCloudProcess Program => _program ?? throw _missing!;

    public HttpClient Http => Program.Http;

    public async ValueTask InitializeAsync()
    {
        try
        {
            _program = await FaceCloudProcess.StartAsync(_data.Path);
        }
        catch (SkipException missing)
        {
            // A test may skip; a fixture that does fails its tests.
            _missing = missing;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_program is not null)
        {
            await _program.DisposeAsync();
        }

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
