using System.ComponentModel.DataAnnotations;

namespace FaceCloud.Identity;

/// <summary>How uploaded photos are worked on; section <c>Library</c>.</summary>
public sealed class LibraryOptions
{
    /// <summary>Photos whose faces are looked for at once.</summary>
    [Range(1, 1024)]
    public int Workers { get; set; } = Environment.ProcessorCount;

    /// <summary>Photos that are reprocessed at once, beside those; 0: this process leaves it to others.</summary>
    [Range(0, 1024)]
    public int ReprocessWorkers { get; set; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Photos that are with the message bus at once, in all processes together; the others wait in the database.</summary>
    [Range(1, 100_000)]
    public int PhotosUnderWay { get; set; } = 64;

    /// <summary>How often is looked for photos that have come to a standstill, for faces that are not assessed, and for old jobs (<c>hh:mm:ss</c>).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan SweepPeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>After how long without a step a photo is given to the message bus again (<c>hh:mm:ss</c>).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Overdue { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a job is kept after its end (<c>d.hh:mm:ss</c>).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "36500.00:00:00")]
    public TimeSpan JobsKept { get; set; } = TimeSpan.FromDays(30);
}
