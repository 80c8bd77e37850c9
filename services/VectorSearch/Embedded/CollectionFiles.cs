using FaceCloud.Native;

namespace FaceCloud.VectorSearch.Embedded;

/// <summary>
/// The folder of one collection. <c>faces.log</c> is the live log, if there is one; <c>faces.next</c> is one in the making, worthless until
/// it is renamed over the live one.
/// </summary>
internal sealed class CollectionFiles(string folder)
{
    public string Live { get; } = Path.Combine(folder, "faces.log");

    public string Next { get; } = Path.Combine(folder, "faces.next");

    /// <summary>Where a collection's first log is made; not <see cref="Next"/>, which a rebuild may be writing.</summary>
    public string First { get; } = Path.Combine(folder, "faces.first");

    /// <summary>Makes the folder, durably.</summary>
    public void CreateFolder()
    {
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            FolderSync.Flush(Path.GetDirectoryName(folder)!);
        }
    }

    /// <summary>Puts a complete, synced log in the live one's place: at any instant there is the old one or the new one.</summary>
    public void MakeLive(string path) => File.Move(path, Live, overwrite: true);

    /// <summary>Removes the live log, if there is one.</summary>
    public void RemoveLive() => File.Delete(Live);

    /// <summary>Returns when those two are durable.</summary>
    public void Flush() => FolderSync.Flush(folder);

    /// <summary>Removes what a crash or a failed rebuild left half made.</summary>
    public void RemoveUnfinished()
    {
        if (Directory.Exists(folder))
        {
            File.Delete(Next);
            File.Delete(First);
        }
    }
}
