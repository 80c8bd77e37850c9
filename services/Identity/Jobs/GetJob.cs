using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Jobs;

/// <summary><c>GET /api/v1/jobs/{id}</c>.</summary>
internal static class GetJob
{
    public static async Task<Ok<JobBody>> HandleAsync(HttpRequest http, string id, IdentityDb db, CancellationToken cancellationToken)
    {
        var job = await db.RequireOwnJobAsync(http, id, cancellationToken);
        return TypedResults.Ok((await JobBody.OfAsync(db, [job], cancellationToken))[0]);
    }
}
