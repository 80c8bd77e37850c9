using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Records;

/// <summary><c>GET /records</c>.</summary>
internal static class ListRecords
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, IdentityDb db, [Range(0, int.MaxValue), DefaultValue(0)] int? skip, [Range(1, MaxLimit), DefaultValue(DefaultLimit)] int? limit,
        CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        if (skip < 0 || limit is < 1 or > MaxLimit)
        {
            throw new FailureException(Failure.InvalidRequest, $"The parameter skip must not be negative, and limit must be from 1 to {MaxLimit}.");
        }

        var records =
            from face in db.Faces
            join person in db.People on face.PersonId equals person.Id
            join owner in db.Galleries on face.GalleryId equals owner.Id
            where owner.Name == gallery && face.EmbeddingIndex != null
            orderby face.EmbeddingIndex
            select new { Person = person, Face = face };
        var page = await records.AsNoTracking().Skip(skip ?? 0).Take(limit ?? DefaultLimit).ToListAsync(cancellationToken);
        return TypedResults.Ok(new Response(
            await records.LongCountAsync(cancellationToken), [.. page.Select(record => Record.Of(record.Person.Name, record.Face))]));
    }

    internal sealed record Response(long TotalCount, Record[] Records);
}
