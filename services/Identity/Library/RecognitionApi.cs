using FaceCloud.Identity.Groups;

namespace FaceCloud.Identity.Library;

/// <summary>The library dialect, as far as faces are compared: automatic recognition, like faces, and groups of faces that nobody has named.</summary>
internal static class RecognitionApi
{
    public static void MapRecognitionApi(this IEndpointRouteBuilder app)
    {
        var library = app.MapGroup("/api").WithTags("library").AddEndpointFilter(RequireDatabase.FilterAsync);
        library.MapPost("/faces/auto-recognize", AutoRecognise.HandleAsync).WithSummary("Name what is surely somebody, propose what may be");
        library.MapGet("/faces/{faceId:long}/similar", Similar.HandleAsync).WithSummary("The faces most like one");
        library.MapGet("/faces/groups", ListGroups.HandleAsync).WithSummary("Unidentified faces that are probably one person, the largest groups first");
        library.MapGet("/faces/groups/{groupId:long}", GetGroup.HandleAsync).WithSummary("All faces of a group");
        library.MapPost("/faces/groups/{groupId:long}/name", NameGroup.HandleAsync).WithSummary("Give a group's faces to a person, new or known");
        library.MapGet("/people/suggestions", PeopleSuggestions.HandleAsync).WithSummary("People who may be the same");
    }
}
