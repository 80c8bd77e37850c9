namespace FaceCloud.EmbeddedPostgres;

/// <summary>
/// Lets one process use a data folder. The kernel gives the lock back when its holder dies, however it dies; child processes do not
/// inherit it, because .NET opens every file close-on-exec.
/// </summary>
internal static class DataFolderLock
{
    /// <exception cref="EmbeddedPostgresException">Another process holds it.</exception>
    public static FileStream Take(ClusterFiles files)
    {
        try
        {
            return new FileStream(files.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsHeldByAnother(e))
        {
            throw new EmbeddedPostgresException(
                $"Another FaceCloud runs on the data folder '{files.DataFolder}'; stop it or give this one another data folder.", e) { InUse = true };
        }
    }

    // EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows.
    private static bool IsHeldByAnother(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);
}
