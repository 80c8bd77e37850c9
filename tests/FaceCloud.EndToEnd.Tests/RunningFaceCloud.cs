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

    /// <inheritdoc cref="FaceCloudProcess.Photographer"/>
    public HttpClient Photographer(string gallery) => Program.Photographer(gallery);

    /// <inheritdoc cref="FaceCloudProcess.As(string, string)"/>
    public HttpClient As(string role, string gallery) => Program.As(role, gallery);

    /// <inheritdoc cref="FaceCloudProcess.As(string, string, string)"/>
    public HttpClient As(string name, string role, string gallery) => Program.As(name, role, gallery);

    public string Token(string name, string role) => Program.Token(name, role);

    public HttpClient Admin(string gallery) => As("admin", gallery);

    /// <inheritdoc cref="FaceCloudProcess.Gallery"/>
    public HttpClient Gallery(string name) => Program.Gallery(name);
}
