using System.Text.Json.Serialization;
using FaceCloud.Contracts.Faces;

namespace FaceCloud.Inference;

/// <summary>An entry of <c>models.json</c>: a network FaceCloud can use, and everything about it that its file does not say.</summary>
/// <param name="Name">How settings, answers and stored embeddings call it; never used again for another network.</param>
/// <param name="Role">What it does.</param>
/// <param name="Family">How its tensors are read.</param>
/// <param name="Source">Where the weights come from.</param>
/// <param name="File">The one file accepted for it.</param>
/// <param name="Input">How pixels become its input.</param>
/// <param name="Crop">How the face it is given is cut out; networks that look at one face have it, detectors do not.</param>
/// <param name="Embedding">What its vectors are; recognisers have it, others do not.</param>
/// <param name="Accuracy">What it was measured to do, and on what.</param>
/// <param name="Licence">What may be done with the weights.</param>
/// <param name="Download">Where the file can be had.</param>
public sealed record ModelDescription(
    string Name,
    ModelRole Role,
    ModelFamily Family,
    string Source,
    ModelFile File,
    ModelInput Input,
    string Accuracy,
    ModelLicence Licence,
    ModelDownload Download,
    CropShape? Crop = null,
    ModelEmbedding? Embedding = null)
{
    /// <summary>Whether FaceCloud makes the file itself, from weights that come with it.</summary>
    public bool IsMade => Download.Package is not null;

    /// <summary>Whether it is a detector that finds no landmarks, so that a network of that role has to.</summary>
    public bool NeedsLandmarks => Family == ModelFamily.Ssd;

    /// <summary>The recogniser as other services know it.</summary>
    /// <exception cref="InvalidOperationException">The network is no recogniser.</exception>
    public Recogniser ToRecogniser() => Embedding is { } embedding
        ? new Recogniser(Name, embedding.Dimension, new Calibration(embedding.Calibration.C0, embedding.Calibration.K), Licence.Name, File.Sha256)
        : throw new InvalidOperationException($"{Name} is no recogniser.");
}

/// <summary>What a network does.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelRole>))]
public enum ModelRole
{
    /// <summary>Finds faces and their landmarks in an image.</summary>
    [JsonStringEnumMemberName("detector")]
    Detector,

    /// <summary>Turns an aligned face into an embedding.</summary>
    [JsonStringEnumMemberName("recogniser")]
    Recogniser,

    /// <summary>Says age and gender of an aligned face.</summary>
    [JsonStringEnumMemberName("attributes")]
    Attributes,

    /// <summary>Finds eyes, nose and mouth in the box of a detector that does not.</summary>
    [JsonStringEnumMemberName("landmarks")]
    Landmarks,

    /// <summary>Says whether a face is in front of the camera or a picture of one. No service asks for it yet.</summary>
    [JsonStringEnumMemberName("liveness")]
    Liveness,
}

/// <summary>How the tensors of a network are read.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelFamily>))]
public enum ModelFamily
{
    /// <summary>Nine outputs: scores, boxes and landmarks for strides 8, 16 and 32, two anchors a cell, distances in strides.</summary>
    [JsonStringEnumMemberName("scrfd")]
    Scrfd,

    /// <summary>Twelve outputs: cls, obj, bbox and kps for strides 8, 16 and 32; a score is the root of cls times obj.</summary>
    [JsonStringEnumMemberName("yunet")]
    YuNet,

    /// <summary>
    /// Two outputs: how boxes and anchors differ, and scores from 0 to 1, for strides 16 to 512; three anchors in a cell of the first grid, six in
    /// others. It gives no landmarks.
    /// </summary>
    [JsonStringEnumMemberName("ssd")]
    Ssd,

    /// <summary>One output of 136: x and y of the 68 points of iBUG 300-W, in sides of the square that was given.</summary>
    [JsonStringEnumMemberName("landmarks68")]
    Landmarks68,

    /// <summary>One output: the embedding, not normalised, of a face cut out as the entry says.</summary>
    [JsonStringEnumMemberName("arcface")]
    ArcFace,

    /// <summary>As <see cref="ArcFace"/>, of two networks in one, which look at parts of a wide chip.</summary>
    [JsonStringEnumMemberName("fused")]
    Fused,

    /// <summary>One output of 202: female and male logits, then 100 pairs of which each whose second is greater adds a year.</summary>
    [JsonStringEnumMemberName("genderage")]
    GenderAge,

    /// <summary>Two outputs: years, and the logits of male and female.</summary>
    [JsonStringEnumMemberName("age_gender")]
    AgeGender,

    /// <summary>One output from 0 to 1: how much the face looks like a real one.</summary>
    [JsonStringEnumMemberName("antispoof")]
    Antispoof,

    /// <summary>Two outputs that add up to 1: live, and not.</summary>
    [JsonStringEnumMemberName("liveness")]
    Liveness,
}

/// <summary>The order of the colour planes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChannelOrder>))]
public enum ChannelOrder
{
    [JsonStringEnumMemberName("rgb")]
    Rgb,

    [JsonStringEnumMemberName("bgr")]
    Bgr,
}

/// <param name="Name">The file's name in the models folder.</param>
/// <param name="Sha256">Its SHA-256, 64 lower-case hexadecimal digits.</param>
/// <param name="Bytes">Its length.</param>
public sealed record ModelFile(string Name, string Sha256, long Bytes);

/// <summary>Pixels become planes [N, 3, height, width] of (value - mean) / std, value from 0 to 255. Sizes are the session's to say.</summary>
public sealed record ModelInput(ChannelOrder Channels, float Mean, float Std);

/// <param name="Dimension">Length of a vector.</param>
/// <param name="Calibration">From cosine to similarity.</param>
public sealed record ModelEmbedding(int Dimension, ModelCalibration Calibration);

/// <param name="C0">As <see cref="Calibration.C0"/>.</param>
/// <param name="K">As <see cref="Calibration.K"/>.</param>
/// <param name="Basis">What it was measured on, and where it is extrapolated.</param>
public sealed record ModelCalibration(double C0, double K, string Basis);

/// <param name="Name">The licence of the weights.</param>
/// <param name="Commercial">Whether it allows commercial use.</param>
public sealed record ModelLicence(string Name, bool Commercial);

/// <param name="Address">The publisher's own address of the file or of an archive with it; null where there is none.</param>
/// <param name="Note">What to do with the address, or why there is none.</param>
/// <param name="Package">The npm packages whose weights came with FaceCloud and of which it makes the file itself; null where it does not.</param>
public sealed record ModelDownload(Uri? Address = null, string? Note = null, string? Package = null);
