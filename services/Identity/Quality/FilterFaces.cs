using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using FaceCloud.Contracts;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;
using FaceCloud.Identity.Photos;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Quality;

/// <summary><c>POST /api/v1/faces/filter</c>: the caller's faces that meet every criterion. What a user marked as no face is none.</summary>
internal static class FilterFaces
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;
    private const int MaxIds = 1000;

    // Scores are compared as they are shown, to four decimals.
    private const double HalfADecimal = 0.00005;

    // ISO 8601; without a zone it is UTC.
    private static readonly string[] Times = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    [AnswersHeader("X-Total-Count", "How many faces meet the criteria, on all pages.")]
    [AnswersHeader("X-Next-Cursor", "The cursor of the next page; not there on the last.")]
    public static async Task<Ok<FaceBody[]>> HandleAsync(HttpRequest http, IdentityDb db, ThumbnailUrls thumbnails, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(http);
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        var matching = Matching(db.FacesOf(http).OwnedBy(db, caller), db, request);
        if (request.Limit is < 1 or > MaxLimit)
        {
            throw new FailureException(Failure.InvalidRequest, $"The value of 'limit' must be between 1 and {MaxLimit}.");
        }

        var criteria = FilterCursor.Criteria(GalleryName.Of(http), caller, request with { Limit = null, Cursor = null });
        var page = request.Cursor is { } cursor && FilterCursor.Read(cursor, criteria) is var last ? matching.Where(face => face.Id < last) : matching;
        var limit = request.Limit ?? DefaultLimit;
        var rows = await page.OrderByDescending(face => face.Id).Take(limit + 1).Placed(db).AsNoTracking().ToListAsync(cancellationToken);
        var headers = http.HttpContext.Response.Headers;
        headers["X-Total-Count"] = (await matching.LongCountAsync(cancellationToken)).ToString(CultureInfo.InvariantCulture);
        if (rows.Count > limit)
        {
            headers["X-Next-Cursor"] = FilterCursor.Write(rows[limit - 1].Face.Id, criteria);
        }

        return TypedResults.Ok(rows.Take(limit).Select(row => FaceBody.Of(row, http, thumbnails)).ToArray());
    }

    private static IQueryable<Face> Matching(IQueryable<Face> faces, IdentityDb db, Request request)
    {
        var (albums, people) = (Ids(request.AlbumIds, "album_ids"), Ids(request.PersonIds, "person_ids"));
        var (min, max) = (Require.Fraction(request.MinConfidence, "min_confidence"), Require.Fraction(request.MaxConfidence, "max_confidence"));
        var (sharp, bright) = (Require.Fraction(request.MinBlurScore, "min_blur_score"), Require.Fraction(request.MinBrightnessScore, "min_brightness_score"));
        var (after, before) = (Time(request.CreatedAfter), Time(request.CreatedBefore));
        if (min > max || after > before)
        {
            throw new FailureException(Failure.InvalidRequest, "A lower limit must not be above the upper one.");
        }

        faces = faces.Where(face => face.Mark != FaceMark.Invalid);
        faces = albums is null ? faces : faces.Where(face => db.Photos.Any(photo => photo.Id == face.PhotoId
            && db.Albums.Any(album => album.Id == photo.AlbumId && albums.Contains(album.Uuid))));
        faces = people is null ? faces : faces.Where(face => db.People.Any(person => person.Id == face.PersonId && people.Contains(person.Uuid)));
        faces = min is null ? faces : faces.Where(face => face.Confidence >= min - HalfADecimal);
        faces = max is null ? faces : faces.Where(face => face.Confidence < max + HalfADecimal);
        faces = sharp is null ? faces : faces.Where(face => face.BlurScore >= sharp - HalfADecimal);
        faces = bright is null ? faces : faces.Where(face => face.BrightnessScore >= bright - HalfADecimal);
        faces = request.UnlabeledOnly == true ? faces.Where(face => face.PersonId == null) : faces;
        faces = request.HasThumbnail switch
        {
            true => faces.Where(face => face.PhotoId != null || face.Portrait != null),
            false => faces.Where(face => face.PhotoId == null && face.Portrait == null),
            null => faces,
        };
        faces = after is null ? faces : faces.Where(face => face.CreatedAt >= after);

        // Times are shown in whole seconds.
        var end = before > DateTime.MaxValue.AddSeconds(-1) ? before : before?.AddSeconds(1);
        return end is null ? faces : faces.Where(face => face.CreatedAt < end);
    }

    /// <summary>An empty list is no criterion, as none is.</summary>
    private static Guid[]? Ids(Guid[]? ids, string field) => ids switch
    {
        null or [] => null,
        { Length: > MaxIds } => throw new FailureException(Failure.InvalidRequest, $"The field '{field}' must hold at most {MaxIds} ids."),
        _ => ids,
    };

    private static DateTime? Time(string? text) =>
        text is null ? null
        : DateTimeOffset.TryParseExact(text, Times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.UtcDateTime
        : throw new FailureException(Failure.Malformed, "Invalid date format");

    /// <param name="AlbumIds">In one of these.</param>
    /// <param name="PersonIds">Of one of these.</param>
    /// <param name="MinConfidence">0 to 1.</param>
    /// <param name="MaxConfidence">0 to 1.</param>
    /// <param name="MinBlurScore">0 to 1; a face that is not assessed yet does not meet it.</param>
    /// <param name="MinBrightnessScore">0 to 1; likewise.</param>
    /// <param name="UnlabeledOnly">True: only those that are nobody's.</param>
    /// <param name="HasThumbnail">Whether a picture is kept of it.</param>
    /// <param name="CreatedAfter">ISO 8601.</param>
    /// <param name="CreatedBefore">ISO 8601.</param>
    /// <param name="Limit">1 to 1000.</param>
    /// <param name="Cursor">As <c>X-Next-Cursor</c> of the page before said.</param>
    internal sealed record Request(
        [property: Length(0, MaxIds)] Guid[]? AlbumIds, [property: Length(0, MaxIds)] Guid[]? PersonIds,
        [property: Range(0.0, 1.0)] double? MinConfidence, [property: Range(0.0, 1.0)] double? MaxConfidence,
        [property: Range(0.0, 1.0)] double? MinBlurScore, [property: Range(0.0, 1.0)] double? MinBrightnessScore,
        bool? UnlabeledOnly, bool? HasThumbnail, string? CreatedAfter, string? CreatedBefore,
        [property: Range(1, MaxLimit), DefaultValue(DefaultLimit)] int? Limit, string? Cursor);
}
