using FaceCloud.Contracts;
using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Device;

/// <summary><c>POST /v1/database/remove</c>.</summary>
internal static class RemoveIdentity
{
    public static async Task<Ok<Response>> HandleAsync(HttpRequest http, Removal removal, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        var name = PersonName.Require(request.Name);
        return await removal.RemovePersonAsync(gallery, name, cancellationToken)
            ? TypedResults.Ok(new Response($"Identity '{name}' removed successfully", name))
            : throw new FailureException(Failure.NotFound, $"Identity '{name}' not found");
    }

    internal sealed record Request(string? Name);

    internal sealed record Response(string Message, string Name);
}
