namespace FaceCloud.Contracts.Faces;

/// <summary>A face as the recogniser describes it: a unit vector (L2 norm 1), comparable by cosine with vectors of the same recogniser only.</summary>
public sealed record FaceEmbedding(ReadOnlyMemory<float> Vector);

/// <summary>The network embeddings come from, and how its cosines are read.</summary>
/// <param name="Name">Its name in the model registry; vectors of different names are never compared.</param>
/// <param name="Dimension">Length of its vectors.</param>
/// <param name="Calibration">From cosine to similarity.</param>
/// <param name="Licence">What may be done with its weights.</param>
/// <param name="Sha256">Of its file, 64 lower-case hexadecimal digits.</param>
public sealed record Recogniser(string Name, int Dimension, Calibration Calibration, string Licence, string Sha256);
