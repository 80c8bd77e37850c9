using FaceCloud.Contracts;
using FaceCloud.Contracts.Ports;
using FaceCloud.Embedding.Device;
using FaceCloud.Inference;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FaceCloud.Embedding;

/// <summary>Embedding as a module: what a face looks like, as a vector.</summary>
public static class EmbeddingModule
{
    public static void AddEmbedding(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddInference(builder.Configuration);
        services.AddSingleton<FaceEmbedder>();
        services.TryAddSingleton<IFaceEmbedder>(provider => provider.GetRequiredService<FaceEmbedder>());
        services.AddHostedService<EmbeddingWarmUp>();
        services.AddHealthChecks().AddCheck<EmbeddingHealth>(ServiceNames.Embedding);
    }

    public static void MapEmbedding(this IEndpointRouteBuilder app) => app.MapDeviceApi();
}
