using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Library;

/// <summary>
/// <c>POST /api/faces/{faceId}/mark-invalid</c> and <c>mark-unknown</c>. A person or proposal of the face goes. Nothing is remembered against the
/// person: what the mark says is that the face is not worth a name.
/// </summary>
internal static class MarkFace
{
    public static async Task<Ok<Response>> InvalidAsync(long faceId, HttpRequest http, FaceCuration curation, CancellationToken cancellationToken)
    {
        await curation.MarkAsync(GalleryName.Of(http), faceId, FaceMark.Invalid, cancellationToken);
        return TypedResults.Ok(new Response("Face marked as invalid successfully"));
    }

    public static async Task<Ok<Response>> UnknownAsync(long faceId, HttpRequest http, FaceCuration curation, CancellationToken cancellationToken)
    {
        await curation.MarkAsync(GalleryName.Of(http), faceId, FaceMark.Unknown, cancellationToken);
        return TypedResults.Ok(new Response("Face marked as unknown successfully"));
    }

    internal sealed record Response(string Message);
}
