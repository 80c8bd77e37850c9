using FaceCloud.Contracts;

namespace FaceCloud.VectorSearch.Embedded;

/// <summary>Keeps a second process out of the folder. The system releases it when the process ends, however it ends.</summary>
internal static class FolderLock
{
    /// <returns>Held until disposed.</returns>
    /// <exception cref="FailureException"><see cref="Failure.Unavailable"/>: somebody else holds it.</exception>
    public static IDisposable Take(string folder)
    {
        CreateForOwnerOnly(folder);
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

    // Embeddings are biometric data: nobody else on the machine reads them.
    private static void CreateForOwnerOnly(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
