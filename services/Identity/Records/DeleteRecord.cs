using FaceCloud.Contracts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Records;

/// <summary><c>DELETE /records/{id}</c>.</summary>
internal static class DeleteRecord
{
    public static async Task<Ok<Response>> HandleAsync(HttpRequest http, string id, Removal removal, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var name = Guid.TryParse(id, out var uuid) ? await removal.RemoveEnrolledFaceAsync("records", gallery, uuid, cancellationToken) : null;
        return name is not null
            ? TypedResults.Ok(new Response(true, $"Successfully deleted record for '{name}'", uuid))
            : throw new FailureException(Failure.NotFound, "Record not found");
    }

    internal sealed record Response(bool Success, string Message, Guid DeletedId);
}
