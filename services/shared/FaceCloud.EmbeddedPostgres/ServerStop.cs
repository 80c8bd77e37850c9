using FaceCloud.EmbeddedPostgres.Native;

namespace FaceCloud.EmbeddedPostgres;

/// <summary>Stops a server in bounded time: fast, then immediate, then by force. Each loses nothing that was committed.</summary>
internal static class ServerStop
{
    private static readonly TimeSpan LastResort = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    /// <param name="processId">The postmaster.</param>
    /// <param name="isRunning">Whether that process still is the server: asked before each signal, so that no stranger gets one.</param>
    /// <param name="patience">How long the fast stop may take.</param>
    public static async Task StopAsync(int processId, Func<bool> isRunning, TimeSpan patience)
    {
        foreach (var (signal, time) in new[] { (Signal.FastStop, patience), (Signal.ImmediateStop, LastResort), (Signal.Kill, LastResort) })
        {
            if (isRunning())
            {
                Libc.Signal(processId, signal);
            }

            if (await EndsAsync(isRunning, time))
            {
                return;
            }
        }

        throw new EmbeddedPostgresException($"The PostgreSQL process {processId} does not end, not even by force.");
    }

    /// <summary>Waits for something to end; false if it has not after <paramref name="time"/>.</summary>
    public static async Task<bool> EndsAsync(Func<bool> isRunning, TimeSpan time)
    {
        for (var until = DateTime.UtcNow + time; isRunning(); await Task.Delay(PollInterval))
        {
            if (DateTime.UtcNow > until)
            {
                return false;
            }
        }

        return true;
    }
}
