using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using FaceCloud.Contracts;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Quality;

/// <summary>
/// <c>POST /api/v1/faces/batch-delete</c>: those of the faces that are the caller's, all in one transaction. Kept thumbnails are the crops of photos:
/// they lie with their photo and go with it. A portrait, which is of its face alone, goes in any case.
/// </summary>
internal static class DeleteFaces
{
    private const int MaxIds = 500;

    public static async Task<Ok<Response>> HandleAsync(HttpRequest http, IdentityDb db, Ledger ledger, CancellationToken cancellationToken)
    {
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        var asked = request.FaceIds switch
        {
            null => throw new FailureException(Failure.Malformed, "The field 'face_ids' is missing."),
            { Length: 0 or > MaxIds } => throw new FailureException(Failure.InvalidRequest, $"The field 'face_ids' must hold 1 to {MaxIds} ids."),
            var ids => ids.Distinct().ToArray(),
        };
        var deleted = await ledger.DecideAsync(
            GalleryName.Of(http),
            new Origin(FacesApi.Dialect, LedgerAction.DeleteFace),
            async decision =>
            {
                // Under the gallery's lock, which moving photos between albums takes, too.
                var owned = await db.Faces.Where(face => face.GalleryId == decision.GalleryId && asked.Contains(face.Uuid)).OwnedBy(db, Caller.Of(http))
                    .Select(face => new { face.Id, face.Uuid }).ToDictionaryAsync(face => face.Id, face => face.Uuid, cancellationToken);
                decision.KeepCrops = request.DeleteThumbnails == false;
                var faces = (await decision.FindFacesAsync(owned.Keys)).Values;
                foreach (var face in faces)
                {
                    face.Deleted = true;
                }

                return faces.Select(face => owned[face.Id]).ToHashSet();
            },
            cancellationToken);
        return TypedResults.Ok(new Response("Faces deleted successfully", deleted.Count, ledger.DeletedPictures, [.. asked.Where(deleted.Contains)]));
    }

    /// <param name="FaceIds">1 to 500.</param>
    /// <param name="DeleteThumbnails">Not sent: true.</param>
    internal sealed record Request([property: Required, Length(1, MaxIds)] Guid[]? FaceIds, [property: DefaultValue(true)] bool? DeleteThumbnails);

    /// <param name="Message">The same in words.</param>
    /// <param name="DeletedCount">Faces.</param>
    /// <param name="DeletedThumbnails">Files that are gone; what could not be deleted yet is tried again, and the log says so.</param>
    /// <param name="FaceIds">Those deleted, in the order of the request.</param>
    internal sealed record Response(string Message, int DeletedCount, int DeletedThumbnails, Guid[] FaceIds);
}
