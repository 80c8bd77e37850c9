using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Quality;

/// <summary><c>GET /api/v1/faces/{face_id}/quality</c>.</summary>
internal static class GetQuality
{
    public static async Task<Ok<FaceQualityBody>> HandleAsync(HttpRequest http, Guid id, Assessments assessments, CancellationToken cancellationToken) =>
        TypedResults.Ok(await assessments.GetAsync(http, id, cancellationToken));
}
