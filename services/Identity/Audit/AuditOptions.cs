using System.ComponentModel.DataAnnotations;

namespace FaceCloud.Identity.Audit;

/// <summary>The audit trail; section <c>Audit</c>.</summary>
public sealed class AuditOptions
{
    /// <summary>Days for which entries are kept.</summary>
    [Range(1, 36_500)]
    public int RetentionDays { get; set; } = 365;

    /// <summary>How often older ones are looked for and deleted (<c>hh:mm:ss</c>).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan SweepPeriod { get; set; } = TimeSpan.FromHours(1);
}
