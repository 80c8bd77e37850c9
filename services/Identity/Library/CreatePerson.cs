using System.ComponentModel.DataAnnotations;
using System.Globalization;
using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Library;

/// <summary><c>POST /api/people</c>.</summary>
internal static class CreatePerson
{
    [Fails(Failure.Conflict)]
    public static async Task<Created<PersonBody>> HandleAsync(
        HttpRequest http, PeopleCuration curation, IdentityDb db, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        var person = await curation.CreateAsync(gallery, PersonName.Require(request.Name), cancellationToken);
        return TypedResults.Created(
            string.Create(CultureInfo.InvariantCulture, $"/api/people/{person.Id}"),
            await PersonBody.OfAsync(db, gallery, person.Id, cancellationToken));
    }

    internal sealed record Request([property: Required, StringLength(200, MinimumLength = 1)] string? Name);
}
