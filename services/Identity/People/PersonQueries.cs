using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.People;

internal static class PersonQueries
{
    /// <summary>A person of the gallery.</summary>
    /// <param name="db">Holds them.</param>
    /// <param name="gallery">Its name.</param>
    /// <param name="id">Number or UUID, as it was sent.</param>
    /// <param name="cancellationToken">The client went away.</param>
    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>: nobody, or of another gallery.</exception>
    public static async Task<Person> RequirePersonAsync(this IdentityDb db, string gallery, string id, CancellationToken cancellationToken)
    {
        var (number, uuid) = ItemId.Of(id);
        return await db.People.AsNoTracking().SingleOrDefaultAsync(
                person => (person.Id == number || person.Uuid == uuid) && db.Galleries.Any(owner => owner.Id == person.GalleryId && owner.Name == gallery),
                cancellationToken)
            ?? throw ItemId.NotFound("person", id);
    }
}
