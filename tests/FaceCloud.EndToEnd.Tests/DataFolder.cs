namespace FaceCloud.EndToEnd.Tests;

/// <summary>A new data folder, deleted at the end.</summary>
public sealed class DataFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("facecloud-test-").FullName;

    public void Dispose()
    {
        // A test that failed between a kill and the next start leaves one.
        DatabaseServer.Kill(Path);
        Directory.Delete(Path, recursive: true);
    }
}
