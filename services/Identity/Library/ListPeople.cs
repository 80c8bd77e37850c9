using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Library;

/// <summary><c>GET /api/people</c>: by name; <c>name</c> finds those whose name contains it, in any case.</summary>
internal static class ListPeople
{
    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, IdentityDb db, [Range(1, Require.MaxLimit), DefaultValue(Require.DefaultLimit)] int? limit,
        [Range(0, int.MaxValue), DefaultValue(0)] int? offset,
        string? name, CancellationToken cancellationToken)
    {
        var page = Require.Page(offset, limit);
        var galleryId = await db.FindGalleryAsync(GalleryName.Of(http), cancellationToken) ?? 0;
        var people = db.People.Where(person => person.GalleryId == galleryId);
        if (Require.Text(name, "name") is { } part)
        {
            var pattern = "%" + part.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_") + "%";
            people = people.Where(person => EF.Functions.ILike(person.Name, pattern, @"\"));
        }

        var found = await PersonBody.ListAsync(db, people.OrderBy(person => person.Name).Skip(page.Offset).Take(page.Limit), cancellationToken);
        return TypedResults.Ok(new Response(found, found.Length, await people.LongCountAsync(cancellationToken)));
    }

    internal sealed record Response(PersonBody[] People, int Count, [property: JsonPropertyName("totalCount")] long TotalCount);
}
