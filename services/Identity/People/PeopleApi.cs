namespace FaceCloud.Identity.People;

/// <summary>What a person may ask of whoever holds data on them, for admins: what is held, and that it goes. In the quality dialect's form.</summary>
internal static class PeopleApi
{
    public const string Dialect = "quality";

    public static void MapPeopleApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1").WithTags("quality").AddEndpointFilter(RequireDatabase.FilterAsync);
        api.MapGet("/people/{id}/export", ExportPerson.HandleAsync).WithSummary("Everything that is held on a person, as a zip file")
            .Produces(StatusCodes.Status200OK, contentType: "application/zip");
        api.MapDelete("/people/{id}", RemovePerson.HandleAsync).WithSummary("Delete a person, or with erase=true everything that is held on them");
        api.MapGet("/erasures/{id}", GetErasure.HandleAsync).WithSummary("The receipt of an erasure");
    }
}
