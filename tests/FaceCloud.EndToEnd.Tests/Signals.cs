using System.Runtime.InteropServices;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>POSIX signals that .NET has no call for.</summary>
internal static class Signals
{
    public const int Interrupt = 2;
    public const int Terminate = 15;

    public static void Send(int pid, int signal) => _ = Kill(pid, signal);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int pid, int signal);
}
