using System.ComponentModel.DataAnnotations;
using FaceCloud.Contracts;
using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Quality;

/// <summary><c>POST /api/v1/faces/quality-check</c>: faces that the caller may not see, or that are not there, are left out.</summary>
internal static class QualityCheck
{
    private const int MaxFaces = 100;

    public static async Task<Ok<IReadOnlyList<FaceQualityBody>>> HandleAsync(HttpRequest http, Assessments assessments, CancellationToken cancellationToken)
    {
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        var faces = request.FaceIds ?? throw new FailureException(Failure.Malformed, "The field 'face_ids' is missing.");
        return faces.Length is >= 1 and <= MaxFaces
            ? TypedResults.Ok(await assessments.CheckAsync(http, faces, request.StrictMode, cancellationToken))
            : throw new FailureException(Failure.InvalidRequest, $"The field 'face_ids' must have 1 to {MaxFaces} entries.");
    }

    /// <param name="FaceIds">1 to 100 UUIDs.</param>
    /// <param name="StrictMode">Issues by the stricter limits.</param>
    internal sealed record Request([property: Required, Length(1, MaxFaces)] Guid[]? FaceIds, bool StrictMode = false);
}
