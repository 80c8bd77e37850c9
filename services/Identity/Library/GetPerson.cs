using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Library;

/// <summary><c>GET /api/people/{personId}</c>.</summary>
internal static class GetPerson
{
    public static async Task<Ok<PersonBody>> HandleAsync(long personId, HttpRequest http, IdentityDb db, CancellationToken cancellationToken) =>
        TypedResults.Ok(await PersonBody.OfAsync(db, GalleryName.Of(http), personId, cancellationToken));
}
