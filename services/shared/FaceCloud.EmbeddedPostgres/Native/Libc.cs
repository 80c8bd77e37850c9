using System.ComponentModel;
using System.Runtime.InteropServices;

namespace FaceCloud.EmbeddedPostgres.Native;

/// <summary>The few POSIX calls .NET has no method for.</summary>
internal static class Libc
{
    private const int NoSuchProcess = 3; // ESRCH, the same on Linux and macOS

    /// <summary>Sends a signal; a process that has ended meanwhile is no error.</summary>
    public static void Signal(int processId, Signal signal)
    {
        if (Kill(processId, (int)signal) != 0 && Marshal.GetLastPInvokeError() is not NoSuchProcess and var error)
        {
            throw new Win32Exception(error);
        }
    }

    /// <summary>Makes the entries of a folder (a rename in it) survive a power failure. Does nothing on Windows, which has no such call.</summary>
    public static void SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var folder = Open(path, 0);
        if (folder < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        try
        {
            if (FSync(folder) != 0)
            {
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            }
        }
        finally
        {
            _ = Close(folder);
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int FSync(int file);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int file);
}

/// <summary>What the postmaster makes of a signal: https://www.postgresql.org/docs/18/server-shutdown.html.</summary>
internal enum Signal
{
    /// <summary>SIGINT: end all sessions, write a checkpoint, stop.</summary>
    FastStop = 2,

    /// <summary>SIGQUIT: stop without a checkpoint; the next start replays the log.</summary>
    ImmediateStop = 3,

    /// <summary>SIGKILL.</summary>
    Kill = 9,
}
