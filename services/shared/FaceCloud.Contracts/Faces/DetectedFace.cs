using System.Text.Json.Serialization;

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

/// <summary>
/// A face cut out upright. <paramref name="Rgb"/> is what is shown and kept of a face, whatever the recogniser: <see cref="Side"/> x
/// <see cref="Side"/> pixels, 8-bit RGB interleaved, rows top to bottom. It is also what ArcFace recognisers are given.
/// </summary>
/// <param name="Rgb">Aligned to the ArcFace template.</param>
/// <param name="Chip">The same face as the recogniser in use wants it; null where that is <paramref name="Rgb"/> itself.</param>
public sealed record FaceCrop(ReadOnlyMemory<byte> Rgb, FaceChip? Chip = null)
{
    /// <summary>The side of the ArcFace template, in pixels.</summary>
    public const int Side = 112;

    /// <summary>Bytes of <see cref="Rgb"/>.</summary>
    public const int Bytes = Side * Side * 3;
}

/// <summary>A face aligned in another way than <see cref="FaceCrop.Rgb"/>.</summary>
/// <param name="Shape">Where the face lies in it, and its side.</param>
/// <param name="Rgb">Side x side pixels, 8-bit RGB interleaved, rows top to bottom.</param>
public sealed record FaceChip(CropShape Shape, ReadOnlyMemory<byte> Rgb);

/// <summary>How a face is cut out: where it lies in a square, and how large that is.</summary>
/// <param name="Geometry">Where eyes, nose and mouth lie.</param>
/// <param name="Side">Pixels.</param>
public readonly record struct CropShape(CropGeometry Geometry, int Side)
{
    /// <summary>Of <see cref="FaceCrop.Rgb"/>.</summary>
    public static readonly CropShape ArcFace = new(CropGeometry.ArcFace, FaceCrop.Side);

    /// <summary>Bytes of the pixels.</summary>
    public int Bytes => Side * Side * 3;
}

/// <summary>Where eyes, nose and mouth lie in a square crop.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CropGeometry>))]
public enum CropGeometry
{
    /// <summary>The template of ArcFace: the face fills the square.</summary>
    [JsonStringEnumMemberName("arcface")]
    ArcFace,

    /// <summary>dlib's face chip with a padding of 0.25: the face and a quarter of its size around it.</summary>
    [JsonStringEnumMemberName("dlib")]
    Dlib,

    /// <summary>The same, and around it as much as makes its side 194/150 of the chip's, more above than below: the whole head.</summary>
    [JsonStringEnumMemberName("dlib_wide")]
    DlibWide,
}

/// <summary>A face found in an image.</summary>
/// <param name="Box">Pixels of the EXIF-corrected image, clamped to it.</param>
/// <param name="Landmarks">Pixels of the same image.</param>
/// <param name="Confidence">The detector's score, 0 to 1.</param>
/// <param name="Attributes">Null unless asked for.</param>
/// <param name="Crop">Null unless asked for.</param>
/// <param name="Portrait">Null unless asked for.</param>
public sealed record DetectedFace(
    FaceBox Box, Landmarks Landmarks, float Confidence, FaceAttributes? Attributes, FaceCrop? Crop, FacePortrait? Portrait = null);
