using System.ComponentModel.DataAnnotations;

namespace FaceCloud.Gateway.Edge;

/// <summary>How much one caller may ask; section <c>Limits</c>.</summary>
public sealed class LimitOptions
{
    /// <summary>Calls of one caller (a principal, or an address that sends no credentials) in 60 s, over everything; 0: no ceiling.</summary>
    [Range(0, int.MaxValue)]
    public int CallsPerMinute { get; set; } = 60_000;
}
