using FaceCloud.Contracts;
using FaceCloud.Contracts.Ports;
using FaceCloud.Detection.Device;
using FaceCloud.Imaging;
using FaceCloud.Inference;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FaceCloud.Detection;

/// <summary>Detection as a module: where faces are.</summary>
public static class DetectionModule
{
    public static void AddDetection(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddInference(builder.Configuration);
        services.AddOptions<DetectionOptions>().BindConfiguration("Detection").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ImagingOptions>().BindConfiguration("Imaging");
        services.AddSingleton<FaceDetector>();
        services.TryAddSingleton<IFaceDetector>(provider => provider.GetRequiredService<FaceDetector>());
        services.AddHostedService<DetectionWarmUp>();
        services.AddHealthChecks().AddCheck<DetectionHealth>(ServiceNames.Detection);
    }

    public static void MapDetection(this IEndpointRouteBuilder app) => app.MapDeviceApi();

    /// <summary>What other services call; for a process of its own.</summary>
    public static void MapInternalDetection(this IEndpointRouteBuilder app) => app.MapInternalApi();
}
