namespace FaceCloud.Detection.Device;

/// <summary>The part of the device dialect that looks at pixels only.</summary>
internal static class DeviceApi
{
    public static void MapDeviceApi(this IEndpointRouteBuilder app) =>
        app.MapPost("/v1/detect", Detect.HandleAsync).WithTags("device").WithSummary("Find the faces in an image");
}
