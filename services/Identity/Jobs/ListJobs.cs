using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using FaceCloud.Contracts;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Jobs;

/// <summary><c>GET /api/v1/jobs</c>.</summary>
internal static class ListJobs
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 100;

    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, IdentityDb db, [Range(1, MaxLimit), DefaultValue(DefaultLimit)] int? limit, [Range(0, int.MaxValue), DefaultValue(0)] int? offset,
        CancellationToken cancellationToken)
    {
        if (offset < 0 || limit is < 1 or > MaxLimit)
        {
            throw new FailureException(Failure.InvalidRequest, $"The parameter offset must not be negative, and limit must be from 1 to {MaxLimit}.");
        }

        // UUIDv7 begins with the time.
        var jobs = db.JobsOf(http).OwnedBy(Caller.Of(http));
        var page = await jobs.OrderByDescending(job => job.Id).Skip(offset ?? 0).Take(limit ?? DefaultLimit).ToListAsync(cancellationToken);
        return TypedResults.Ok(new Response(
            await JobBody.OfAsync(db, page, cancellationToken), page.Count, await jobs.LongCountAsync(cancellationToken)));
    }

    /// <param name="Jobs">The newest first.</param>
    /// <param name="Count">Of these.</param>
    /// <param name="TotalCount">Of all that are the caller's.</param>
    internal sealed record Response(JobBody[] Jobs, int Count, long TotalCount);
}
