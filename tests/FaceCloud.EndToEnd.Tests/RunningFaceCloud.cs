using FaceCloud.Testing;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>One running program for all tests of a class that leave nothing behind in the default gallery of each other.</summary>
public sealed class RunningFaceCloud : IAsyncLifetime
{
    private readonly DataFolder _data = new();
    private FaceCloudProcess? _program;

    /// <summary>A test that asks for it on a machine without the networks is skipped; a fixture cannot skip.</summary>
    public FaceCloudProcess Program => _program ?? throw new InvalidOperationException($"No program although there is {TestFiles.Models}.");

    public HttpClient Http => Program.Http;

    public async ValueTask InitializeAsync()
    {
        if (TestFiles.HasModels)
        {
            _program = await FaceCloudProcess.StartAsync(_data.Path);
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
