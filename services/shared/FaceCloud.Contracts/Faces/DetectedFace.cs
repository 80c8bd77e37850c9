namespace FaceCloud.Contracts.Faces;

public enum Gender
{
    Female,
    Male,
}

/// <summary>What the attribute network says of a face.</summary>
/// <param name="Age">Years.</param>
/// <param name="Gender">The likelier of the two classes the network knows.</param>
/// <param name="GenderConfidence">Probability of that class, 0.5 to 1.</param>
public sealed record FaceAttributes(float Age, Gender Gender, float GenderConfidence);

/// <summary>A face aligned for the recogniser: <see cref="Side"/> x <see cref="Side"/> pixels, 8-bit RGB interleaved, rows top to bottom.</summary>
public sealed record FaceCrop(ReadOnlyMemory<byte> Rgb)
{
    /// <summary>The side of the ArcFace template, in pixels.</summary>
    public const int Side = 112;

    /// <summary>Bytes of one crop.</summary>
    public const int Bytes = Side * Side * 3;
}

/// <summary>A face found in an image.</summary>
/// <param name="Box">Pixels of the EXIF-corrected image, clamped to it.</param>
/// <param name="Landmarks">Pixels of the same image.</param>
/// <param name="Confidence">The detector's score, 0 to 1.</param>
/// <param name="Attributes">Null unless asked for.</param>
/// <param name="Crop">Null unless asked for.</param>
public sealed record DetectedFace(FaceBox Box, Landmarks Landmarks, float Confidence, FaceAttributes? Attributes, FaceCrop? Crop);
