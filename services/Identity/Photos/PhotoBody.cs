using System.Text.Json.Serialization;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Photos;

/// <summary>A photo as clients see it.</summary>
/// <param name="Id">In paths of the library dialect.</param>
/// <param name="Uuid">In those of the others.</param>
/// <param name="Filename">As the client named it.</param>
/// <param name="Status">See <see cref="StatusWord"/>.</param>
/// <param name="Duplicate">Of an upload: the same bytes were there already.</param>
/// <param name="Reason">Why it failed; null otherwise.</param>
/// <param name="MediaUrl">A path that answers with the file.</param>
/// <param name="Bytes">Of the file.</param>
/// <param name="Width">Pixels, after EXIF correction; null until it has been processed.</param>
/// <param name="Height">Pixels, after EXIF correction; null until it has been processed.</param>
/// <param name="DateTaken">UTC; null where the file does not say, or has not been processed.</param>
/// <param name="AlbumId">The number of its album.</param>
/// <param name="CreatedAt">When it came; UTC.</param>
/// <param name="Faces">The largest first; left out of lists.</param>
internal sealed record PhotoBody(
    long Id,
    Guid Uuid,
    string Filename,
    string Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Duplicate,
    string? Reason,
    string MediaUrl,
    long Bytes,
    int? Width,
    int? Height,
    string? DateTaken,
    long? AlbumId,
    string CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PhotoBody.FaceBody[]? Faces)
{
    private static readonly string[] Words = ["queued", "processing", "processed", "failed"];

    /// <summary>How far a photo is: queued, processing, processed or failed.</summary>
    public static string StatusWord(PhotoStatus status) => status switch
    {
        PhotoStatus.Stored => Words[0],
        PhotoStatus.Detected or PhotoStatus.Indexed => Words[1],
        PhotoStatus.Processed => Words[2],
        _ => Words[3],
    };

    /// <summary>The states that a word stands for; none where it is no such word.</summary>
    public static PhotoStatus[] StatusesOf(string word) => [.. Enum.GetValues<PhotoStatus>().Where(status => StatusWord(status) == word)];

    public static PhotoBody Of(Photo photo, FaceBody[]? faces = null, bool? duplicate = null) => new(
        photo.Id,
        photo.Uuid,
        photo.Filename,
        StatusWord(photo.Status),
        duplicate,
        photo.Reason,
        LibraryPaths.Media(photo),
        photo.Bytes,
        photo.Width,
        photo.Height,
        photo.TakenAt is { } taken ? ImageBody.Time(taken) : null,
        photo.AlbumId,
        ImageBody.Time(photo.CreatedAt),
        faces);

    /// <summary>The faces of photos, the largest of each first.</summary>
    public static async Task<ILookup<long, FaceBody>> FacesAsync(IdentityDb db, IReadOnlyCollection<long> photoIds, CancellationToken cancellationToken)
    {
        var faces = await (
            from face in db.Faces.AsNoTracking()
            where photoIds.Contains(face.PhotoId!.Value)
            join person in db.People on face.PersonId equals (long?)person.Id into people
            from person in people.DefaultIfEmpty()
            orderby face.Ordinal
            select new { Face = face, Person = person }).ToListAsync(cancellationToken);
        return faces.ToLookup(row => row.Face.PhotoId!.Value, row => FaceBody.Of(row.Face, row.Person));
    }

    /// <param name="Id">In paths of the library dialect.</param>
    /// <param name="Bbox">Where.</param>
    /// <param name="DetectionConfidence">The detector's score, 0 to 1.</param>
    /// <param name="Age">Years; null where no network for it is installed.</param>
    /// <param name="Gender"><c>female</c> or <c>male</c>; null likewise.</param>
    /// <param name="FaceImagePath">A path that answers with the crop.</param>
    /// <param name="FaceUrl">The same.</param>
    /// <param name="Person">Whose it is; null of one that nobody has identified.</param>
    internal sealed record FaceBody(
        long Id, Box Bbox, double DetectionConfidence, int? Age, string? Gender, string? FaceImagePath, string? FaceUrl, FacePerson? Person)
    {
        public static FaceBody Of(Face face, Person? person)
        {
            var (x, y, width, height) = face.Box.ToPixels();
            return new FaceBody(
                face.Id,
                new Box(x, y, width, height),
                Math.Round(face.Confidence, 4),
                face.Age is { } age ? (int)MathF.Round(age) : null,
                face.Gender switch { Contracts.Faces.Gender.Female => "female", Contracts.Faces.Gender.Male => "male", _ => null },
                LibraryPaths.Crop(face),
                LibraryPaths.Crop(face),
                person is null ? null : new FacePerson(person.Id, person.Name));
        }
    }

    /// <summary>Pixels of the EXIF-corrected image.</summary>
    internal sealed record Box(int X, int Y, int Width, int Height);

    internal sealed record FacePerson(long Id, string Name);
}
