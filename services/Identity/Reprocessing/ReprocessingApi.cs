namespace FaceCloud.Identity.Reprocessing;

/// <summary>Looking at photos again; in the quality dialect's form.</summary>
internal static class ReprocessingApi
{
    public static void MapReprocessingApi(this IEndpointRouteBuilder app)
    {
        var reprocessing = app.MapGroup("/api/v1").WithTags("quality").AddEndpointFilter(RequireDatabase.FilterAsync);
        reprocessing.MapPost("/faces/{id:guid}/reprocess", ReprocessFace.HandleAsync).WithSummary("Look at the photo of a face again");
        reprocessing.MapPost("/albums/{id}/faces/reprocess", ReprocessAlbum.HandleAsync).WithSummary("Look at the photos of an album again");
    }
}
