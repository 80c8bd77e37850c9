using System.ComponentModel.DataAnnotations;
using FaceCloud.Contracts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace FaceCloud.Quality;

/// <summary><c>GET /api/v1/albums/{album_id}/faces/low-quality</c>: the worst first.</summary>
internal static class LowQuality
{
    private const double DefaultMinimum = 0.5;
    private const int DefaultLimit = 100;
    private const int MaxLimit = 500;

    public static async Task<Ok<IReadOnlyList<FaceQualityBody>>> HandleAsync(
        HttpRequest http, string id, [FromQuery(Name = "min_overall_quality"), Range(0.0, 1.0)] double? minimum, [Range(1, MaxLimit)] int? limit,
        Assessments assessments, CancellationToken cancellationToken)
    {
        if (minimum is not (null or (>= 0 and <= 1)) || limit is < 1 or > MaxLimit)
        {
            throw new FailureException(
                Failure.InvalidRequest, $"The parameter min_overall_quality must be from 0 to 1, and limit from 1 to {MaxLimit}.");
        }

        return TypedResults.Ok(await assessments.LowestAsync(http, id, minimum ?? DefaultMinimum, limit ?? DefaultLimit, cancellationToken));
    }
}
