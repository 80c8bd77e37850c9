namespace FaceCloud.Identity.Jobs;

/// <summary>Work that goes on after its request was answered; in the quality dialect's form.</summary>
internal static class JobsApi
{
    public static void MapJobsApi(this IEndpointRouteBuilder app)
    {
        var jobs = app.MapGroup("/api/v1/jobs").WithTags("quality").AddEndpointFilter(RequireDatabase.FilterAsync);
        jobs.MapGet("", ListJobs.HandleAsync).WithSummary("The caller's jobs, the newest first");
        jobs.MapGet("/{id}", GetJob.HandleAsync).WithSummary("How far a job is");
        jobs.MapDelete("/{id}", CancelJob.HandleAsync).WithSummary("Cancel a job");
    }
}
