using System.ComponentModel.DataAnnotations;

namespace FaceCloud.Identity.Groups;

/// <summary>How unidentified faces are grouped; section <c>Groups</c>.</summary>
public sealed class GroupOptions
{
    /// <summary>
    /// The most faces that are compared each with each. Of somebody with more unidentified faces the likest come first; the work on one part grows with
    /// the square (2000 faces: 16 MB and half a second).
    /// </summary>
    [Range(2, 20_000)]
    public int MaxFaces { get; set; } = 2000;

    /// <summary>How often is looked for faces whose groups have to be worked out, beside at once after an upload (<c>hh:mm:ss</c>).</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan Period { get; set; } = TimeSpan.FromSeconds(5);
}
