using FaceCloud.Contracts;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Reprocessing;

/// <summary><c>POST /api/v1/faces/{id}/reprocess</c>: the photo it is on is looked at again, with all faces on it.</summary>
internal static class ReprocessFace
{
    [Fails(Failure.Conflict)]
    public static async Task<Accepted<Response>> HandleAsync(HttpRequest http, Guid id, IdentityDb db, CancellationToken cancellationToken)
    {
        var face = await db.RequireOwnFaceAsync(http, id, cancellationToken);
        if (face.PhotoId is not { } photoId)
        {
            throw new FailureException(
                Failure.Conflict,
                "The photo of this face was not kept when it was enrolled, so it cannot be looked for again; enrol it again, or, "
                + "after a change of the recogniser, run 'facecloud models migrate', which embeds it from its portrait.");
        }

        var (job, _) = await ReprocessJob.BeginAsync(
            db, face.GalleryId, Caller.Of(http).Owner, db.Photos.Where(photo => photo.Id == photoId), cancellationToken);
        var url = $"/api/v1/jobs/{job}";
        return TypedResults.Accepted(url, new Response("Face reprocessing started", job, [face.Uuid], url));
    }

    /// <param name="Message">For the user.</param>
    /// <param name="JobId">For <c>GET /api/v1/jobs/{id}</c>.</param>
    /// <param name="FaceIds">The face that was asked about.</param>
    /// <param name="StatusUrl">Where the job answers.</param>
    internal sealed record Response(string Message, Guid JobId, Guid[] FaceIds, string StatusUrl);
}
