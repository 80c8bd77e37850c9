using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Audit;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Photos;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Quality;

/// <summary>
/// <c>GET /api/v1/faces/duplicates</c>: pairs of the caller's faces on different photos that are as good as the same, the most similar first.
/// </summary>
internal static class FindDuplicates
{
    private const double DefaultThreshold = 0.95;
    private const double MinThreshold = 0.8;
    private const double MaxThreshold = 0.99;
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    [Fails(Failure.NotFound)]
    public static async Task<Ok<Duplicate[]>> HandleAsync(
        HttpRequest http, IdentityDb db, IFaceEmbedder embedder, IFaceIndex index, Scores scores, DuplicatePairs pairs, DuplicateCache cache,
        ThumbnailUrls thumbnails, AuditTrail audit,
        [FromQuery(Name = "album_id")] Guid? albumId, [Range(MinThreshold, MaxThreshold), DefaultValue(DefaultThreshold)] double? threshold,
        [Range(1, MaxLimit), DefaultValue(DefaultLimit)] int? limit, CancellationToken cancellationToken)
    {
        if (threshold is not (null or (>= MinThreshold and <= MaxThreshold)) || limit is < 1 or > MaxLimit)
        {
            throw new FailureException(
                Failure.InvalidRequest,
                FormattableString.Invariant(
                    $"The parameter threshold must be between {MinThreshold} and {MaxThreshold}, and limit between 1 and {MaxLimit}."));
        }

        var caller = Caller.Of(http);
        var album = albumId is { } id ? (await db.RequireOwnAlbumAsync(http, id.ToString(), cancellationToken)).Id : (long?)null;
        if (await db.FindGalleryAsync(GalleryName.Of(http), cancellationToken) is not { } galleryId)
        {
            return TypedResults.Ok<Duplicate[]>([]);
        }

        var recogniser = (await embedder.EmbedAsync([], cancellationToken)).Recogniser;
        var applied = scores.Threshold(
            threshold, DefaultThreshold, await index.CountAsync(recogniser.Name, new IndexFilter(galleryId), cancellationToken), recogniser.Calibration);
        var scope = db.Faces.Where(face => face.GalleryId == galleryId && face.PhotoId != null && face.Mark != FaceMark.Invalid).OwnedBy(db, caller);
        scope = album is null ? scope : scope.Where(face => db.Photos.Any(photo => photo.Id == face.PhotoId && photo.AlbumId == album));
        var most = limit ?? DefaultLimit;
        var found = await cache.GetAsync(
            new DuplicateQuestion(galleryId, caller, album, applied, most),
            await pairs.StateAsync(galleryId, cancellationToken),
            () => pairs.FindAsync(galleryId, scope, scores.Cosine(applied, recogniser.Calibration), most, recogniser, cancellationToken));

        long[] ids = [.. found.SelectMany(pair => new[] { pair.A, pair.B }).Distinct()];
        var rows = await scope.Where(face => ids.Contains(face.Id)).Placed(db).AsNoTracking().ToDictionaryAsync(row => row.Face.Id, cancellationToken);
        await audit.LookedUpAsync(FacesApi.Dialect, GalleryName.Of(http), rows.Values.Select(row => row.Person?.Uuid).OfType<Guid>(), cancellationToken);
        return TypedResults.Ok(found.Where(pair => rows.ContainsKey(pair.A) && rows.ContainsKey(pair.B)).Select(pair => new Duplicate(
            rows[pair.A].Face.Uuid,
            rows[pair.B].Face.Uuid,
            Math.Round(scores.Of(pair.Cosine, recogniser.Calibration), 4),
            rows[pair.A].Photo!.Uuid,
            rows[pair.B].Photo!.Uuid,
            thumbnails.Of(http, rows[pair.A].Face.Uuid, rows[pair.A].Picture),
            thumbnails.Of(http, rows[pair.B].Face.Uuid, rows[pair.B].Picture),
            Math.Round(pair.Cosine, 4),
            Math.Round(applied, 4),
            recogniser.Name)).ToArray());
    }

    /// <param name="FaceId1">The face that was there first.</param>
    /// <param name="FaceId2">The other.</param>
    /// <param name="SimilarityScore">0 to 1.</param>
    /// <param name="PhotoId1">Of the first face.</param>
    /// <param name="PhotoId2">Of the other; another one.</param>
    /// <param name="ThumbnailUrl1">Holds for an hour.</param>
    /// <param name="ThumbnailUrl2">Likewise.</param>
    /// <param name="Cosine">Raw, of the same comparison.</param>
    /// <param name="Threshold">The one that was applied.</param>
    /// <param name="Model">The recogniser.</param>
    internal sealed record Duplicate(
        [property: JsonPropertyName("face_id_1")] Guid FaceId1,
        [property: JsonPropertyName("face_id_2")] Guid FaceId2,
        double SimilarityScore,
        [property: JsonPropertyName("photo_id_1")] Guid PhotoId1,
        [property: JsonPropertyName("photo_id_2")] Guid PhotoId2,
        [property: JsonPropertyName("thumbnail_url_1")] string? ThumbnailUrl1,
        [property: JsonPropertyName("thumbnail_url_2")] string? ThumbnailUrl2,
        double Cosine,
        double Threshold,
        string Model);
}
