namespace FaceCloud.Embedding.Device;

/// <summary>The part of the device dialect that returns vectors.</summary>
internal static class DeviceApi
{
    public static void MapDeviceApi(this IEndpointRouteBuilder app) =>
        app.MapPost("/v1/embed", Embed.HandleAsync).WithTags("device").WithSummary("The embedding of the largest face, or of the one in a box");
}
