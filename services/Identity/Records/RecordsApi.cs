namespace FaceCloud.Identity.Records;

/// <summary>The records dialect: a record is an enrolled face of a person, whichever dialect enrolled it.</summary>
internal static class RecordsApi
{
    public static void MapRecordsApi(this IEndpointRouteBuilder app)
    {
        var records = app.MapGroup("").WithTags("records").AddEndpointFilter(RequireDatabase.FilterAsync);
        records.MapPost("/records", CreateRecord.HandleAsync).WithSummary("Enrol a face with a name");
        records.MapGet("/records", ListRecords.HandleAsync).WithSummary("The enrolled faces");
        records.MapPost("/records/match", MatchRecord.HandleAsync).WithSummary("Match a photo against all records");
        records.MapDelete("/records/{id}", DeleteRecord.HandleAsync).WithSummary("Remove an enrolled face");
        records.MapPost("/maintenance/rebuild-index", RebuildIndex.HandleAsync).WithSummary("Build the vector index anew beside the live one");
    }
}
