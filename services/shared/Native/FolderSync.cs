using System.Runtime.InteropServices;

namespace FaceCloud.Native;

/// <summary>
/// Makes a file's new name durable. POSIX asks for an fsync of the folder after a create, rename or delete in it, and .NET opens no handle
/// on a folder; Windows journals names and has no such call.
/// </summary>
internal static partial class FolderSync
{
    private const int ReadOnly = 0;
    private const int NoSuchEntry = 2;

    /// <summary>Returns when the names in the folder are on disk.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="IOException">The folder cannot be opened or synced.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
        {
            throw Failed("open", folder);
        }

        try
        {
            if (Fsync(descriptor) < 0)
            {
                throw Failed("sync", folder);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failed(string what, string folder)
    {
        var message = $"Cannot {what} the folder {folder}: {Marshal.GetLastPInvokeErrorMessage()}";
        return Marshal.GetLastPInvokeError() == NoSuchEntry ? new DirectoryNotFoundException(message) : new IOException(message);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
