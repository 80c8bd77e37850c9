using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Frames;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.Contracts.Clients;

/// <summary>The embedding service as a port.</summary>
/// <param name="http">Its base address is the service's.</param>
public sealed class HttpFaceEmbedder(HttpClient http) : IFaceEmbedder
{
    // At most 150 KB each: 10 MB.
    private const int CropsAtOnce = 64;

    private readonly ServiceConnection _embedding = new(http, ServiceNames.Embedding);

    public async Task<Embeddings> EmbedAsync(IReadOnlyList<FaceCrop> crops, CancellationToken cancellationToken)
    {
        Embeddings? all = null;
        foreach (var portion in Portions.Of(crops, CropsAtOnce))
        {
            var part = await _embedding.CallAsync(
                InternalRoutes.Embed, CropsFrame.Of(portion),
                (Frame<EmbeddingsFrame> answer) => EmbeddingsFrame.Read(answer, portion.Count), cancellationToken);
            all = all switch
            {
                null => part,
                _ when all.Recogniser.Name == part.Recogniser.Name => all with { Faces = [.. all.Faces, .. part.Faces] },

                // Replicas in the middle of a change of networks; vectors of two are never compared.
                _ => throw new FailureException(Failure.Unavailable, "The embedding service is changing its network; try again."),
            };
        }

        return all!;
    }
}
