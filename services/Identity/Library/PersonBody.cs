using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Library;

/// <summary>A person beside the answer of a call.</summary>
/// <param name="Id">The person's.</param>
/// <param name="Name">Unique within the gallery.</param>
/// <param name="FaceCount">Faces that are theirs now, counted.</param>
internal sealed record CountedPerson(long Id, string Name, long FaceCount)
{
    public static async Task<CountedPerson> OfAsync(IdentityDb db, DecidedPerson person, CancellationToken cancellationToken) =>
        new(person.Id, person.Name, await db.Faces.LongCountAsync(face => face.PersonId == person.Id, cancellationToken));
}

/// <summary>A person as the calls about people show them.</summary>
/// <param name="Id">The person's.</param>
/// <param name="Uuid">The same for the other dialects.</param>
/// <param name="Name">Unique within the gallery.</param>
/// <param name="FaceCount">Faces that are theirs now, counted.</param>
/// <param name="CreatedAt">UTC, <c>yyyy-MM-ddTHH:mm:ssZ</c>.</param>
/// <param name="Cover">The path of the crop of the face that was detected most surely; null while no picture is kept of any.</param>
internal sealed record PersonBody(long Id, Guid Uuid, string Name, long FaceCount, string CreatedAt, string? Cover)
{
    public static async Task<PersonBody[]> ListAsync(IdentityDb db, IQueryable<Person> people, CancellationToken cancellationToken)
    {
        var rows = await people.AsNoTracking().Select(person => new
        {
            Person = person,
            FaceCount = person.Faces.LongCount(),

            // Its id only: that is a look-up for each person, where the whole row would be a sort of all faces.
            Cover = db.Faces.Where(face => face.PersonId == person.Id && (face.PhotoId != null || face.Portrait != null))
                .OrderByDescending(face => face.Confidence).ThenBy(face => face.Id).Select(face => (long?)face.Id).FirstOrDefault(),
        }).ToListAsync(cancellationToken);
        return [.. rows.Select(row => new PersonBody(
            row.Person.Id, row.Person.Uuid, row.Person.Name, row.FaceCount, ImageBody.Time(row.Person.CreatedAt),
            row.Cover is { } cover ? LibraryPaths.Crop(cover) : null))];
    }

    /// <exception cref="Contracts.FailureException"><see cref="Contracts.Failure.NotFound"/>.</exception>
    public static async Task<PersonBody> OfAsync(IdentityDb db, string gallery, long personId, CancellationToken cancellationToken)
    {
        var galleryId = await db.FindGalleryAsync(gallery, cancellationToken) ?? 0;
        return (await ListAsync(db, db.People.Where(person => person.GalleryId == galleryId && person.Id == personId), cancellationToken))
            is [var person] ? person : throw Missing.Person(personId);
    }
}
