using FaceCloud.Contracts.Clients;
using FaceCloud.Contracts.Ports;
using FaceCloud.ServiceDefaults.Calls;

namespace FaceCloud.Embedding;

/// <summary>The port for other processes.</summary>
internal static class InternalApi
{
    public static void MapInternalApi(this IEndpointRouteBuilder app) =>
        app.MapPost(InternalRoutes.Embed, EmbedAsync).ExcludeFromDescription();

    private static async Task<FrameAnswer<EmbeddingsFrame>> EmbedAsync(HttpRequest http, IFaceEmbedder embedder, CancellationToken cancellationToken)
    {
        var crops = CropsFrame.Read(await FrameBody.ReadAsync<CropsFrame>(http, cancellationToken));
        return FrameAnswer.Of(EmbeddingsFrame.Of(await embedder.EmbedAsync(crops, cancellationToken)));
    }
}
