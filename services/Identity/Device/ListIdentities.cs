using System.Globalization;
using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Device;

/// <summary><c>GET /v1/database/list</c>.</summary>
internal static class ListIdentities
{
    public static async Task<Ok<Response>> HandleAsync(HttpRequest http, IdentityDb db, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var people = await (
            from person in db.People
            join owner in db.Galleries on person.GalleryId equals owner.Id
            where owner.Name == gallery
            orderby person.CreatedAt, person.Id
            select new { person.Name, Embeddings = person.Faces.Count(face => face.Embeddings.Count > 0), person.CreatedAt }).ToListAsync(cancellationToken);
        return TypedResults.Ok(new Response(
            [.. people.Select(person => new Identity(
                person.Name, person.Embeddings, person.CreatedAt.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)))],
            people.Count));
    }

    internal sealed record Response(Identity[] Identities, int Count);

    /// <param name="Name">Unique within the gallery.</param>
    /// <param name="EmbeddingCount">Faces enrolled.</param>
    /// <param name="CreatedAt">UTC, <c>yyyy-MM-dd HH:mm:ss</c>.</param>
    internal sealed record Identity(string Name, int EmbeddingCount, string CreatedAt);
}
