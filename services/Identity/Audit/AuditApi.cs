namespace FaceCloud.Identity.Audit;

/// <summary>The audit trail, for admins; in the quality dialect's form.</summary>
internal static class AuditApi
{
    public static void MapAuditApi(this IEndpointRouteBuilder app)
    {
        var audit = app.MapGroup("/api/v1/audit").WithTags("quality").AddEndpointFilter(RequireDatabase.FilterAsync);
        audit.MapGet("", ListAudit.HandleAsync).WithSummary("Who looked up, enrolled, changed, exported or deleted whom, the newest first");
    }
}
