namespace FaceCloud.Quality;

/// <summary>The part of the quality dialect that assesses faces.</summary>
internal static class QualityApi
{
    public static void MapQualityApi(this IEndpointRouteBuilder app)
    {
        var quality = app.MapGroup("/api/v1").WithTags("quality");
        quality.MapGet("/faces/{id}/quality", GetQuality.HandleAsync).WithSummary("How good a face is");
        quality.MapPost("/faces/quality-check", QualityCheck.HandleAsync).WithSummary("How good several faces are");
        quality.MapGet("/albums/{id}/faces/low-quality", LowQuality.HandleAsync).WithSummary("The worst faces of an album");
    }
}
