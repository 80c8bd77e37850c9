using System.ComponentModel.DataAnnotations;

namespace FaceCloud.Identity.Library;

/// <summary>When a face is given to a person without anybody looking; section <c>Library</c>.</summary>
public sealed class AutoRecogniseOptions
{
    /// <summary>Whether the faces of each uploaded photo are recognised at once, as a call of auto-recognize with its defaults would.</summary>
    public bool RecogniseOnUpload { get; set; }

    /// <summary>
    /// How much more like the person than like the second-best person a face has to be, as a difference of cosines, 0 to 2; with less it goes to
    /// review.
    /// </summary>
    [Range(0.0, 2.0)]
    public double MinMargin { get; set; } = 0.08;

    /// <summary>Lower faces, in pixels of the photo, go to review at most: their embeddings say little.</summary>
    [Range(0, 10_000)]
    public int MinFaceHeight { get; set; } = 32;

    /// <summary>Faces with a lower detector score, 0 to 1, go to review at most: they may be no faces, or half hidden ones.</summary>
    [Range(0.0, 1.0)]
    public double MinFaceConfidence { get; set; } = 0.5;
}
