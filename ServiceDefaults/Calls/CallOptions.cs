using System.ComponentModel.DataAnnotations;

namespace FaceCloud.ServiceDefaults.Calls;

/// <summary>How patient calls to other services are; section <c>Calls</c>.</summary>
public sealed class CallOptions
{
    /// <summary>One attempt, from the first byte sent to the last received. A full queue of the networks is worked off in less.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The whole call, its further attempts and the pauses between them; then its caller is told that the service does not answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>Further attempts after a connection that failed; the pauses between them grow from <see cref="Pause"/> and are random.</summary>
    [Range(0, 10)]
    public int Retries { get; set; } = 2;

    /// <summary>The first pause, about.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan Pause { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a replica of a service is left alone after half of at least 10 attempts within 10 seconds failed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "01:00:00")]
    public TimeSpan Break { get; set; } = TimeSpan.FromSeconds(2);
}
