using System.Diagnostics.Metrics;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Ports;
using FaceCloud.ServiceDefaults.Calls;
using FaceCloud.VectorSearch.Embedded;
using FaceCloud.VectorSearch.Qdrant;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FaceCloud.VectorSearch;

/// <summary>What a host sees of vector search.</summary>
public static class VectorSearchModule
{
    /// <summary>
    /// Registers <see cref="IFaceIndex"/>, unless the host has one already: in the Qdrant server that <c>ConnectionStrings:vectors</c> names, or else the
    /// embedded index in <see cref="VectorSearchOptions.Path"/>. The host opens what is in the folder before it serves; it does not start while another
    /// process uses the folder.
    /// </summary>
    /// <exception cref="InvalidOperationException">The connection string is not like <c>Endpoint=http://qdrant:6333;Key=...</c>.</exception>
    public static IHostApplicationBuilder AddVectorSearch(this IHostApplicationBuilder builder)
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(IFaceIndex)))
        {
            return builder;
        }

        var options = builder.Services.AddOptions<VectorSearchOptions>().BindConfiguration(VectorSearchOptions.Section).ValidateOnStart();
        if (builder.Configuration.GetConnectionString(ServiceNames.Vectors) is { Length: > 0 } vectors)
        {
            options.Validate(
                set => set.CollectionPrefix.Length > 0
                    && set.CollectionPrefix.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_'),
                "VectorSearch:CollectionPrefix must consist of letters, digits, - and _.");
            builder.AddQdrant(QdrantAddress.Parse(vectors));
        }
        else
        {
            options
                .Validate(set => !string.IsNullOrWhiteSpace(set.Path), "VectorSearch:Path must name a folder.")
                .Validate(set => set.CompactAfter > 0, "VectorSearch:CompactAfter must be positive.");
            builder.Services.TryAddSingleton<EmbeddedFaceIndex>();
            builder.Services.AddSingleton<IFaceIndex>(services => services.GetRequiredService<EmbeddedFaceIndex>());
            builder.Services.AddHostedService<OpenAtStart>();
            builder.Services.AddHealthChecks().AddCheck<EmbeddedHealth>(ServiceNames.VectorSearch);
        }

        return builder;
    }

    /// <summary>What other services call; for a process of its own. There is nothing else to map: no dialect asks the index itself.</summary>
    public static void MapInternalVectorSearch(this IEndpointRouteBuilder app) => app.MapInternalApi();

    private static void AddQdrant(this IHostApplicationBuilder builder, QdrantAddress address)
    {
        builder.Services
            .AddHttpClient(ServiceNames.Vectors, address.SetIn)
            .AddResilientCalls([address.Endpoint]);
        builder.Services.AddSingleton(services => new QdrantServer(
            services.GetRequiredService<IHttpClientFactory>().CreateClient(ServiceNames.Vectors), services.GetRequiredService<ILogger<QdrantServer>>()));
        builder.Services.AddSingleton<QdrantCollections>();
        builder.Services.AddSingleton<IFaceIndex, QdrantFaceIndex>();
        builder.Services.AddHostedService<QdrantMetrics>();
        builder.Services.AddHealthChecks().AddCheck<QdrantHealth>(ServiceNames.VectorSearch);
    }

    /// <summary>Reads the files into memory before the first request, so that none waits for it.</summary>
    private sealed class OpenAtStart(EmbeddedFaceIndex index, IMeterFactory meters) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            IndexMetrics.Observe(meters, () => index.Sizes);
            return index.OpenAllAsync(cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
