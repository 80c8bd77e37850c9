using System.ComponentModel.DataAnnotations;
using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Groups;

/// <summary><c>POST /api/faces/groups/{id}/name</c>: one decision, undone as one.</summary>
internal static class NameGroup
{
    [Fails(Failure.Conflict)]
    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, IdentityDb db, FreshGroups fresh, Ledger ledger, long groupId, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        if (request.Name is null == request.PersonId is null)
        {
            throw new FailureException(Failure.Malformed, "The body must have a 'name' for somebody new or the 'personId' of somebody known.");
        }

        var name = request.Name is null ? null : PersonName.Require(request.Name);
        var galleryId = await fresh.CatchUpAsync(gallery, cancellationToken) ?? 0;
        var (person, count) = await ledger.DecideAsync(
            galleryId,
            new Origin(LibraryApi.Dialect, LedgerAction.NameGroup),
            async decision =>
            {
                var ids = await GetGroup.Open(db, groupId).Where(face => face.GalleryId == galleryId).Select(face => face.Id).ToListAsync(cancellationToken);
                if (ids.Count == 0)
                {
                    throw GetGroup.NotFound(groupId);
                }

                var person = request.PersonId is { } known ? await decision.PersonAsync(known) : await NewAsync(decision, name!);
                foreach (var face in (await decision.FindFacesAsync(ids)).Values)
                {
                    decision.Assign(face, person.Id, Assigner.Manual, null);
                }

                return (person, ids.Count);
            },
            cancellationToken);
        var faces = await db.Faces.LongCountAsync(face => face.PersonId == person.Id, cancellationToken);
        return TypedResults.Ok(new Response(
            new NamedPerson(person.Id, person.Name, faces), count, $"{count} {(count == 1 ? "face" : "faces")} assigned to {person.Name}"));
    }

    private static async Task<DecidedPerson> NewAsync(Decision decision, string name) =>
        await decision.FindPersonAsync(name) is { } taken
            ? throw new FailureException(Failure.Conflict, $"There is a person named {name} already; to give them these faces, send their personId.")
            {
                Details = new Dictionary<string, object?> { ["person_id"] = taken.Id, ["name"] = name },
            }
            : await decision.CreateAsync(name);

    /// <param name="Name">Of somebody new.</param>
    /// <param name="PersonId">Of somebody known; one of the two.</param>
    internal sealed record Request(
        [property: StringLength(200, MinimumLength = 1)] string? Name, [property: System.Text.Json.Serialization.JsonPropertyName("personId")] long? PersonId);

    /// <param name="Person">Whose faces they are now.</param>
    /// <param name="Count">How many.</param>
    /// <param name="Message">The same as a sentence.</param>
    internal sealed record Response(NamedPerson Person, int Count, string Message);

    internal sealed record NamedPerson(long Id, string Name, long FaceCount);
}
