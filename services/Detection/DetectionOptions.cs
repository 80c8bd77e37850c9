using System.ComponentModel.DataAnnotations;

namespace FaceCloud.Detection;

/// <summary>
/// How faces are looked for; section <c>Detection</c>. The defaults were chosen on labelled group photos and tight portraits, see
/// <c>docs/decisions/detection-defaults.md</c>.
/// </summary>
public sealed class DetectionOptions
{
    /// <summary>Pixels of the longer side the network sees at most; larger photos are reduced to it.</summary>
    [Range(64, 4096)]
    public int MaxSide { get; set; } = 800;

    /// <summary>Pixels of the longer side the network sees at least; smaller photos are enlarged to it.</summary>
    [Range(0, 4096)]
    public int MinSide { get; set; } = 320;

    /// <summary>
    /// Pixels the longer side keeps when a photo is shrunk while it is decoded. Crops for the recogniser are cut at this size, so it is larger
    /// than <see cref="MaxSide"/>.
    /// </summary>
    [Range(64, 16384)]
    public int DecodeSide { get; set; } = 1280;

    /// <summary>Pixels of the photo a face is high at least; smaller ones are too coarse to tell anybody by and are not reported.</summary>
    [Range(0, 4096)]
    public int MinFaceHeight { get; set; } = 16;

    /// <summary>Detector scores below, 0 to 1, are no face.</summary>
    [Range(0.05, 1.0)]
    public float MinConfidence { get; set; } = 0.42f;

    /// <summary>Intersection over union, 0 to 1, above which two boxes are one face.</summary>
    [Range(0.0, 1.0)]
    public float MaxOverlap { get; set; } = 0.4f;
}
