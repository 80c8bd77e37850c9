namespace FaceCloud.EmbeddedPostgres;

/// <summary>
/// A process called <c>postgres</c> that is not our child, told from a later one with the same id by its start time: proc(5), Linux.
/// </summary>
/// <param name="Id">The process id.</param>
/// <param name="StartTime">In clock ticks since the system's start.</param>
/// <param name="IsDying">
/// It has lost its memory already: where it worked can no longer be read, but its part of the shared memory may still be attached,
/// at which PostgreSQL refuses to start.
/// </param>
internal sealed record RunningProcess(int Id, string StartTime, bool IsDying)
{
    /// <summary>Whether it has not ended. A zombie, which in a container nobody may ever take note of, has.</summary>
    public bool Runs => Find(Id)?.StartTime == StartTime;

    /// <summary>The process with an id; null if it has ended or is not called <c>postgres</c>.</summary>
    public static RunningProcess? Find(int id)
    {
        string stat;
        try
        {
            stat = File.ReadAllText($"/proc/{id}/stat");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it has ended, or /proc hides what is another user's
        }

        // "123 (postgres) S 1 ...": name, state and so on; start time and virtual size are the 22nd and 23rd.
        var fields = stat.Split(' ');
        return fields[1] is "(postgres)" && fields[2] is not ("Z" or "X") ? new RunningProcess(id, fields[21], fields[22] == "0") : null;
    }
}
