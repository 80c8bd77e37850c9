using FaceCloud.Contracts;

namespace FaceCloud.VectorSearch.Embedded;

/// <summary>Keeps a second process out of the folder. The system releases it when the process ends, however it ends.</summary>
internal static class FolderLock
{
    /// <returns>Held until disposed.</returns>
    /// <exception cref="FailureException"><see cref="Failure.Unavailable"/>: somebody else holds it.</exception>
    public static IDisposable Take(string folder)
    {
        Directory.CreateDirectory(folder);
        try
        {
            return File.OpenHandle(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new FailureException(
                Failure.Unavailable, $"The vector index in {folder} cannot be locked; another process uses it: {exception.Message}", exception);
        }
    }
}
