using System.Runtime.Versioning;

// The tests look at processes through /proc.
[assembly: SupportedOSPlatform("linux")]

namespace FaceCloud.EmbeddedPostgres.Tests;

/// <summary>A folder of its own for each test, open to all users (what must be closed, the product closes), removed at the end.</summary>
public sealed class TestFolder : IDisposable
{
    public TestFolder()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "These tests look at processes through /proc.");
        File.SetUnixFileMode(Path, (UnixFileMode)0b111_101_101);
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("embedded-postgres-tests-").FullName;

    public string Data => System.IO.Path.Combine(Path, "data");

    public string Cluster => System.IO.Path.Combine(Data, "postgres");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
