using System.Globalization;
using FaceCloud.Contracts.Faces;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;
using FaceCloud.Identity.Photos;

namespace FaceCloud.Identity.Quality;

/// <summary>A face as the quality dialect shows it.</summary>
/// <param name="FaceId">The face's.</param>
/// <param name="PhotoId">Null for a face that was enrolled without keeping its photo.</param>
/// <param name="AlbumId">Null for a photo in none.</param>
/// <param name="PersonId">Null while it is nobody's.</param>
/// <param name="PersonName">Null likewise.</param>
/// <param name="Bbox">Pixels of the EXIF-corrected image.</param>
/// <param name="Confidence">The detector's score, 0 to 1.</param>
/// <param name="BlurScore">0 (blurred) to 1 (sharp); null until it is assessed.</param>
/// <param name="BrightnessScore">Mean luminance, 0 to 1; null likewise.</param>
/// <param name="OverallQuality">See <see cref="FaceQuality.Overall"/>; null likewise.</param>
/// <param name="QualityGrade">See <see cref="FaceQuality.Grade"/>; null likewise.</param>
/// <param name="Age">Whole years; null where no network said.</param>
/// <param name="Gender"><c>female</c> or <c>male</c>; null likewise.</param>
/// <param name="ThumbnailUrl">Holds for an hour; null for a face of which no picture is kept.</param>
/// <param name="CreatedAt">When it was found; UTC.</param>
internal sealed record FaceBody(
    Guid FaceId, Guid? PhotoId, Guid? AlbumId, Guid? PersonId, string? PersonName, FaceBody.Box Bbox, double Confidence,
    double? BlurScore, double? BrightnessScore, double? OverallQuality, string? QualityGrade, int? Age, string? Gender, string? ThumbnailUrl, string CreatedAt)
{
    public static FaceBody Of(PlacedFace placed, HttpRequest http, ThumbnailUrls thumbnails)
    {
        var face = placed.Face;
        var (x, y, width, height) = face.Box.ToPixels();
        var quality = face is { BlurScore: { } blur, BrightnessScore: { } brightness } ? new FaceQuality(blur, brightness, face.Confidence) : null;
        return new FaceBody(
            face.Uuid,
            placed.Photo?.Uuid,
            placed.Album?.Uuid,
            placed.Person?.Uuid,
            placed.Person?.Name,
            new Box(x, y, width, height),
            Math.Round(face.Confidence, 4),
            quality?.BlurScore,
            quality?.BrightnessScore,
            quality?.Overall,
            quality?.Grade,
            face.Age is { } age ? (int)MathF.Floor(age + 0.5f) : null,
            face.Gender?.ToString().ToLower(CultureInfo.InvariantCulture),
            thumbnails.Of(http, face.Uuid, placed.Picture),
            ImageBody.Time(face.CreatedAt));
    }

    internal sealed record Box(int X, int Y, int Width, int Height);
}

/// <summary>A face with where it is and whose.</summary>
internal sealed record PlacedFace(Face Face, Photo? Photo, Album? Album, Person? Person)
{
    /// <inheritdoc cref="FaceFiles.Picture"/>
    public string? Picture => FaceFiles.Picture(Face.Uuid, Photo?.Uuid, Face.Ordinal, Face.Portrait is not null);
}

internal static class PlacedFaces
{
    /// <summary>The newest first.</summary>
    public static IQueryable<PlacedFace> Placed(this IQueryable<Face> faces, IdentityDb db) =>
        from face in faces
        join photo in db.Photos on face.PhotoId equals photo.Id into photos
        from photo in photos.DefaultIfEmpty()
        join album in db.Albums on photo.AlbumId equals album.Id into albums
        from album in albums.DefaultIfEmpty()
        join person in db.People on face.PersonId equals person.Id into people
        from person in people.DefaultIfEmpty()
        orderby face.Id descending
        select new PlacedFace(face, photo, album, person);
}
