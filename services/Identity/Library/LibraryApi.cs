using FaceCloud.ServiceDefaults.Description;

namespace FaceCloud.Identity.Library;

/// <summary>The library dialect, as far as users decide: who is on photos, and what was decided when.</summary>
internal static class LibraryApi
{
    public const string Dialect = "library";

    private const string EntryHeader = "X-History-Entry";

    public static void MapLibraryApi(this IEndpointRouteBuilder app)
    {
        var library = app.MapGroup("/api").WithTags("library").AddEndpointFilter(RequireDatabase.FilterAsync).AddEndpointFilter(TellEntryAsync)
            .WithMetadata(new AnswersHeaderAttribute(EntryHeader, "The entry of the history that the call wrote, to undo it by; where it wrote one."));

        var faces = library.MapGroup("/faces");
        faces.MapPost("/assign", AssignFace.HandleAsync).WithSummary("Give a face to a person");
        faces.MapPost("/batch-assign", BatchAssign.HandleAsync).WithSummary("Give faces to a person: how many went well");
        faces.MapPost("/bulk-assign", BulkAssign.HandleAsync).WithSummary("Give faces to a person: a result for each");
        faces.MapGet("/unidentified", Unidentified.HandleAsync).WithSummary("Faces that are nobody's yet");
        faces.MapGet("/needs-review", NeedsReview.HandleAsync).WithSummary("Faces that wait for a yes or no");
        faces.MapPost("/{faceId:long}/review", ReviewFace.HandleAsync).WithSummary("Approve or reject who a face is said to be");
        faces.MapPut("/{faceId:long}/reassign", ReassignFace.HandleAsync).WithSummary("Move a face from one person to another");
        faces.MapDelete("/{faceId:long}/person", RemoveFromPerson.HandleAsync).WithSummary("Take a face from its person");
        faces.MapDelete("/{faceId:long}", DeleteFace.HandleAsync).WithSummary("Delete a face for good");
        faces.MapPost("/{faceId:long}/mark-invalid", MarkFace.InvalidAsync).WithSummary("Say that it is no face");
        faces.MapPost("/{faceId:long}/mark-unknown", MarkFace.UnknownAsync).WithSummary("Say that it is somebody in the background");
        faces.MapGet("/{faceId:long}/history", FaceHistory.HandleAsync).WithSummary("What was decided about a face");

        var people = library.MapGroup("/people");
        people.MapGet("", ListPeople.HandleAsync).WithSummary("People by name");
        people.MapPost("", CreatePerson.HandleAsync).WithSummary("Somebody new");
        people.MapGet("/{personId:long}", GetPerson.HandleAsync).WithSummary("One person");
        people.MapPut("/{personId:long}", RenamePerson.HandleAsync).WithSummary("Change a name");
        people.MapDelete("/{personId:long}", DeletePerson.HandleAsync).WithSummary("Remove a person");
        people.MapPost("/{personId:long}/merge", MergePeople.HandleAsync).WithSummary("Make several people one");
        people.MapGet("/{personId:long}/history", PersonHistory.HandleAsync).WithSummary("What was decided about a person");

        library.MapPost("/history/{entryId:long}/undo", UndoEntry.HandleAsync).WithSummary("Put back what an entry changed");
    }

    /// <summary>Names the entry that a call wrote, so that a client can offer to undo it at once.</summary>
    private static async ValueTask<object?> TellEntryAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var result = await next(context);
        if (context.HttpContext.RequestServices.GetRequiredService<Ledger>().LastEntryId is { } entry)
        {
            context.HttpContext.Response.Headers[EntryHeader] = entry.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return result;
    }
}
