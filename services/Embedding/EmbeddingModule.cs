using FaceCloud.Contracts;
using FaceCloud.Contracts.Ports;
using FaceCloud.Embedding.Device;
using FaceCloud.Inference;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FaceCloud.Embedding;

/// <summary>Embedding as a module: what a face looks like, as a vector. Needs the port of detection.</summary>
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

    /// <summary>What other services call; for a process of its own.</summary>
    public static void MapInternalEmbedding(this IEndpointRouteBuilder app) => app.MapInternalApi();
}
