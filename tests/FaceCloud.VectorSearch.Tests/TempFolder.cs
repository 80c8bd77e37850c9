namespace FaceCloud.VectorSearch.Tests;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("facecloud-index-").FullName;

    public static implicit operator string(TempFolder folder) => folder.Path;

    /// <summary>A folder holding a copy of a log, as a crash would leave it.</summary>
    public static TempFolder WithLog(byte[] log)
    {
        var folder = new TempFolder();
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(TestIndex.LogOf(folder))!);
        File.WriteAllBytes(TestIndex.LogOf(folder), log);
        return folder;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
