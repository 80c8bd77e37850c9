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
    ModelEmbedding? Embedding = null)
{
    /// <summary>The recogniser as other services know it.</summary>
    /// <exception cref="InvalidOperationException">The network is no recogniser.</exception>
    public Recogniser ToRecogniser() => Embedding is { } embedding
        ? new Recogniser(Name, embedding.Dimension, new Calibration(embedding.Calibration.C0, embedding.Calibration.K))
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

    /// <summary>One output: the embedding, not normalised, of a face aligned to the ArcFace template.</summary>
    [JsonStringEnumMemberName("arcface")]
    ArcFace,

    /// <summary>One output of 202: female and male logits, then 100 pairs of which each whose second is greater adds a year.</summary>
    [JsonStringEnumMemberName("genderage")]
    GenderAge,
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
public sealed record ModelDownload(Uri? Address = null, string? Note = null);
