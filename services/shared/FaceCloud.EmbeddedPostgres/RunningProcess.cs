namespace FaceCloud.EmbeddedPostgres;

/// <summary>A process of PostgreSQL that is not our child, told from a later one with the same id by its start time: proc(5), Linux.</summary>
internal sealed record RunningProcess(int Id, string StartTime)
{
    /// <summary>Whether it has not ended. A zombie, which nobody may ever take note of in a container, has: it has no program.</summary>
    public bool Runs => Find(Id) == this;

    /// <summary>The process with an id; null if there is none or it is not PostgreSQL.</summary>
    public static RunningProcess? Find(int id)
    {
        try
        {
            // "123 (postgres) S 1 ..." with the start time as the 22nd field; the name may hold spaces and brackets.
            var fields = File.ReadAllText($"/proc/{id}/stat").Split(") ")[^1].Split(' ');
            return IsPostgres(id) ? new RunningProcess(id, fields[22 - 3]) : null;
        }
        catch (IOException)
        {
            return null; // it has ended
        }
    }

    /// <summary>Whether the program of a process is called <c>postgres</c>; " (deleted)" follows after an update of the program.</summary>
    public static bool IsPostgres(int id) =>
        new FileInfo($"/proc/{id}/exe").LinkTarget is { } program && Path.GetFileName(program) is "postgres" or "postgres (deleted)";
}
