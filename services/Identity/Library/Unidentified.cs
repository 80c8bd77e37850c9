using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Serialization;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Library;

/// <summary><c>GET /api/faces/unidentified</c>: faces of photos that are nobody's, wait for no review and have no mark.</summary>
internal static class Unidentified
{
    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, IdentityDb db, [Range(1, Require.MaxLimit), DefaultValue(Require.DefaultLimit)] int? limit,
        [Range(0, int.MaxValue), DefaultValue(0)] int? offset,
        bool? random, [AllowedValues("male", "female")] string? gender, [Range(0, double.MaxValue)] double? ageMin, [Range(0, double.MaxValue)] double? ageMax,
        [Range(0.0, 1.0)] double? minConfidence,
        CancellationToken cancellationToken)
    {
        var page = Require.Page(offset, limit);
        Require.Fraction(minConfidence, "minConfidence");
        if (IsNoAge(ageMin) || IsNoAge(ageMax) || ageMin > ageMax)
        {
            throw new FailureException(Failure.InvalidRequest, "The parameters ageMin and ageMax must not be negative, nor the first above the second.");
        }

        Gender? wanted = gender switch
        {
            null => null,
            "male" => Gender.Male,
            "female" => Gender.Female,
            _ => throw new FailureException(Failure.InvalidRequest, "The parameter gender must be male or female."),
        };
        var galleryId = await db.FindGalleryAsync(GalleryName.Of(http), cancellationToken) ?? 0;
        var matching = db.Faces.Where(face => face.GalleryId == galleryId
            && face.PhotoId != null && face.PersonId == null && face.ProposedPersonId == null && face.Mark == FaceMark.None);
        matching = wanted is { } value ? matching.Where(face => face.Gender == value) : matching;

        // By the age that is shown, a whole number of years.
        matching = ageMin is { } min ? matching.Where(face => face.Age >= min - 0.5) : matching;
        matching = ageMax is { } max ? matching.Where(face => face.Age < max + 0.5) : matching;
        matching = minConfidence is { } sure ? matching.Where(face => face.Confidence >= sure) : matching;

        // A random draw looks at ids only and keeps the best tickets: no row is fetched and no list sorted for those that are not drawn.
        var drawn = random == true
            ? matching.OrderBy(_ => EF.Functions.Random())
            : matching.OrderByDescending(face => face.SeenAt).ThenByDescending(face => face.Id);
        var ids = await drawn.Select(face => face.Id).Skip(page.Offset).Take(page.Limit).ToArrayAsync(cancellationToken);
        var rows = await (
            from face in db.Faces
            join photo in db.Photos on face.PhotoId equals photo.Id
            where ids.Contains(face.Id)
            select new { Face = face, Photo = photo }).AsNoTracking().ToDictionaryAsync(row => row.Face.Id, cancellationToken);
        return TypedResults.Ok(new Response(
            [.. ids.Where(rows.ContainsKey).Select(id => UnidentifiedFace.Of(rows[id].Face, rows[id].Photo))],
            rows.Count,
            await matching.LongCountAsync(cancellationToken),
            new Filters(random, gender, ageMin, ageMax, minConfidence)));
    }

    private static bool IsNoAge(double? years) => years is { } value && !(value >= 0 && double.IsFinite(value));

    /// <param name="Faces">Newest first, or drawn by chance.</param>
    /// <param name="Count">How many this answer holds.</param>
    /// <param name="TotalCount">How many there are.</param>
    /// <param name="Filters">What was asked for; nothing of what was not.</param>
    internal sealed record Response(
        UnidentifiedFace[] Faces, int Count, [property: JsonPropertyName("totalCount")] long TotalCount, Filters Filters);

    internal sealed record Filters(
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Random,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Gender,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyName("ageMin")] double? AgeMin,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyName("ageMax")] double? AgeMax,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyName("minConfidence")] double? MinConfidence);

    /// <param name="Id">The face's.</param>
    /// <param name="FaceImagePath">A path that answers with the crop.</param>
    /// <param name="DetectionConfidence">The detector's score, 0 to 1.</param>
    /// <param name="Gender"><c>female</c> or <c>male</c>; null where no network said.</param>
    /// <param name="Age">Whole years; null likewise.</param>
    /// <param name="FaceUrl">The same path.</param>
    /// <param name="Image">The photo it is in.</param>
    internal sealed record UnidentifiedFace(
        long Id, string? FaceImagePath, double DetectionConfidence, string? Gender, int? Age, string? FaceUrl, ImageBody? Image)
    {
        public static UnidentifiedFace Of(Face face, Photo photo) => new(
            face.Id,
            LibraryPaths.Crop(face),
            Math.Round(face.Confidence, 4),
            face.Gender?.ToString().ToLower(CultureInfo.InvariantCulture),
            face.Age is { } age ? (int)MathF.Floor(age + 0.5f) : null,
            LibraryPaths.Crop(face),
            ImageBody.Of(photo));
    }
}
