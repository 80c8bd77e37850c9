using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using FaceCloud.Contracts.Faces;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;
using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Reprocessing;

/// <summary><c>POST /api/v1/albums/{id}/faces/reprocess</c>, with or without a body.</summary>
internal static class ReprocessAlbum
{
    private const double DefaultMinQuality = 0.5;

    public static async Task<Accepted<Response>> HandleAsync(HttpRequest http, string id, IdentityDb db, CancellationToken cancellationToken)
    {
        var album = await db.RequireOwnAlbumAsync(http, id, cancellationToken);
        var request = http.ContentType is null ? new Request(null, null) : await JsonBody.ReadAsync<Request>(http, cancellationToken);
        var minQuality = Require.Fraction(request.MinQuality, "min_quality") ?? DefaultMinQuality;

        // Those on their way are being looked at anyway.
        var photos = db.Photos.Where(photo => photo.AlbumId == album.Id && photo.Status >= PhotoStatus.Processed);
        if (request.ForceAll is not true)
        {
            photos = photos.Where(photo => photo.Faces.Any(face => face.BlurScore == null || face.BrightnessScore == null
                || (FaceQuality.BlurWeight * face.BlurScore)
                    + (FaceQuality.BrightnessWeight * face.BrightnessScore)
                    + (FaceQuality.ConfidenceWeight * face.Confidence) < minQuality));
        }

        var (job, count) = await ReprocessJob.BeginAsync(db, album.GalleryId, Caller.Of(http).Owner, photos, cancellationToken);
        var url = $"/api/v1/jobs/{job}";
        return TypedResults.Accepted(url, new Response($"Album reprocessing started for {count} {(count == 1 ? "photo" : "photos")}", job, url));
    }

    /// <param name="MinQuality">Photos with a face whose overall quality is lower; 0 to 1.</param>
    /// <param name="ForceAll">All photos instead.</param>
    internal sealed record Request(
        [property: Range(0.0, 1.0), DefaultValue(DefaultMinQuality)] double? MinQuality, [property: DefaultValue(false)] bool? ForceAll);

    /// <param name="Message">For the user.</param>
    /// <param name="JobId">For <c>GET /api/v1/jobs/{id}</c>.</param>
    /// <param name="StatusUrl">Where the job answers.</param>
    internal sealed record Response(string Message, Guid JobId, string StatusUrl);
}
