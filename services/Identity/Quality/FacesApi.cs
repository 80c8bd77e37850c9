namespace FaceCloud.Identity.Quality;

/// <summary>The quality dialect, as far as it finds and deletes faces. What a caller does not own is not there for them.</summary>
internal static class FacesApi
{
    public const string Dialect = "quality";

    public static void MapQualityFacesApi(this IEndpointRouteBuilder app)
    {
        var faces = app.MapGroup("/api/v1/faces").WithTags("quality").AddEndpointFilter(RequireDatabase.FilterAsync);
        faces.MapPost("/filter", FilterFaces.HandleAsync).WithSummary("Faces by any of their properties, the newest first");
        faces.MapGet("/duplicates", FindDuplicates.HandleAsync).WithSummary("Faces of different photos that are as good as the same");
        faces.MapGet("/outliers", FindOutliers.HandleAsync).WithSummary("Faces that are little like the others of their person");
        faces.MapPost("/batch-delete", DeleteFaces.HandleAsync).WithSummary("Delete faces for good");
    }
}
