namespace FaceCloud.Identity.Analytics;

/// <summary>The analytics dialect: who is in an image, how old, and whether they were seen before.</summary>
internal static class AnalyticsApi
{
    public static void MapAnalyticsApi(this IEndpointRouteBuilder app)
    {
        var analytics = app.MapGroup("").WithTags("analytics").AddEndpointFilter(RequireDatabase.FilterAsync);
        analytics.MapPost("/analyze", Analyze.HandleAsync).WithSummary("Faces with age, gender and identity; unknown ones are remembered");
        analytics.MapPost("/register", Register.HandleAsync).WithSummary("Enrol a face with a name");
        analytics.MapGet("/stats", Stats.HandleAsync).WithSummary("How many are known, unknown and were seen lately");
    }

    /// <summary>UTC, <c>yyyy-MM-ddTHH:mm:ss</c>.</summary>
    public const string TimeFormat = "yyyy-MM-ddTHH:mm:ss";
}
