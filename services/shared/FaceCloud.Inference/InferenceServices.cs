using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace FaceCloud.Inference;

/// <summary>
/// Registers what loads networks; a service then registers each <see cref="Network"/> it runs as a singleton from <see cref="ModelStore.Load"/>.
/// </summary>
public static class InferenceServices
{
    /// <summary>
    /// Adds <see cref="ModelStore"/>, with <see cref="ModelOptions"/> from the configuration, checked at start. May be called more than once.
    /// </summary>
    public static IServiceCollection AddInference(this IServiceCollection services, IConfiguration configuration)
    {
        if (services.Any(service => service.ServiceType == typeof(ModelStore)))
        {
            return services; // several services in one process share it
        }

        services.AddOptions<ModelOptions>()
            .Bind(configuration.GetSection(ModelOptions.Section))
            .Configure(options => options.Complete(configuration))
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<ModelOptions>, ModelOptions.Validator>();
        services.TryAddSingleton(ModelRegistry.Default);
        services.AddSingleton<ModelStore>();
        return services;
    }
}
