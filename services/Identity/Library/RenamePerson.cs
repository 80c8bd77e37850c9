using System.ComponentModel.DataAnnotations;
using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Library;

/// <summary><c>PUT /api/people/{personId}</c>.</summary>
internal static class RenamePerson
{
    [Fails(Failure.Conflict)]
    public static async Task<Ok<PersonBody>> HandleAsync(
        long personId, HttpRequest http, PeopleCuration curation, IdentityDb db, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        await curation.RenameAsync(gallery, personId, PersonName.Require(request.Name), cancellationToken);
        return TypedResults.Ok(await PersonBody.OfAsync(db, gallery, personId, cancellationToken));
    }

    internal sealed record Request([property: Required, StringLength(200, MinimumLength = 1)] string? Name);
}
