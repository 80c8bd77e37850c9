using System.ComponentModel.DataAnnotations;
using FaceCloud.Contracts;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Device;

/// <summary><c>POST /v1/database/remove</c>.</summary>
internal static class RemoveIdentity
{
    [Fails(Failure.NotFound)]
    public static async Task<Ok<Response>> HandleAsync(HttpRequest http, Removal removal, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        var name = PersonName.Require(request.Name);
        return await removal.RemovePersonAsync("device", gallery, name, cancellationToken)
            ? TypedResults.Ok(new Response($"Identity '{name}' removed successfully", name))
            : throw new FailureException(Failure.NotFound, $"Identity '{name}' not found");
    }

    internal sealed record Request([property: Required, StringLength(200, MinimumLength = 1)] string? Name);

    internal sealed record Response(string Message, string Name);
}
