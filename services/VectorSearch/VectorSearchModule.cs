using FaceCloud.Contracts;
using FaceCloud.Contracts.Ports;
using FaceCloud.VectorSearch.Embedded;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FaceCloud.VectorSearch;

/// <summary>What a host sees of vector search.</summary>
public static class VectorSearchModule
{
    /// <summary>
    /// Registers <see cref="IFaceIndex"/>, unless the host has one already, over the embedded index in <see cref="VectorSearchOptions.Path"/>.
    /// The host opens what is in the folder before it serves; it does not start while another process uses the folder.
    /// </summary>
    public static IHostApplicationBuilder AddVectorSearch(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<VectorSearchOptions>()
            .BindConfiguration(VectorSearchOptions.Section)
            .Validate(options => !string.IsNullOrWhiteSpace(options.Path), "VectorSearch:Path must name a folder.")
            .Validate(options => options.CompactAfter > 0, "VectorSearch:CompactAfter must be positive.")
            .ValidateOnStart();
        if (builder.Services.All(service => service.ServiceType != typeof(IFaceIndex)))
        {
            builder.Services.TryAddSingleton<EmbeddedFaceIndex>();
            builder.Services.TryAddSingleton<IFaceIndex>(services => services.GetRequiredService<EmbeddedFaceIndex>());
            builder.Services.AddHostedService<OpenAtStart>();
            builder.Services.AddHealthChecks().AddCheck<VectorSearchHealth>(ServiceNames.VectorSearch);
        }

        return builder;
    }

    /// <summary>What other services call; for a process of its own. There is nothing else to map: no dialect asks the index itself.</summary>
    public static void MapInternalVectorSearch(this IEndpointRouteBuilder app) => app.MapInternalApi();

    /// <summary>Reads the files into memory before the first request, so that none waits for it.</summary>
    private sealed class OpenAtStart(EmbeddedFaceIndex index) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => index.OpenAllAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
