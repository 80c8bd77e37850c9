namespace FaceCloud.Identity.Device;

/// <summary>The part of the device dialect that knows people.</summary>
internal static class DeviceApi
{
    public static void MapDeviceApi(this IEndpointRouteBuilder app)
    {
        var device = app.MapGroup("/v1").WithTags("device").AddEndpointFilter(RequireDatabase.FilterAsync);
        device.MapPost("/recognize", Recognise.HandleAsync).WithSummary("Name the faces in an image");
        device.MapPost("/database/add", AddIdentity.HandleAsync).WithSummary("Enrol a face under a name");
        device.MapPost("/database/remove", RemoveIdentity.HandleAsync).WithSummary("Remove a name and all its faces");
        device.MapGet("/database/list", ListIdentities.HandleAsync).WithSummary("Everybody enrolled");
    }
}
