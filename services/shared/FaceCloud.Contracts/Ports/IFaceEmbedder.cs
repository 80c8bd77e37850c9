using FaceCloud.Contracts.Faces;

namespace FaceCloud.Contracts.Ports;

/// <summary>Turns aligned crops into unit vectors.</summary>
public interface IFaceEmbedder
{
    /// <returns>One embedding for each crop, in order, and the network they come from.</returns>
    /// <exception cref="FailureException"><see cref="Failure.Busy"/>.</exception>
    Task<Embeddings> EmbedAsync(IReadOnlyList<FaceCrop> crops, CancellationToken cancellationToken);
}

public sealed record Embeddings(Recogniser Recogniser, IReadOnlyList<FaceEmbedding> Faces);
