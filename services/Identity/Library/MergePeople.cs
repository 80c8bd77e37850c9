using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Library;

/// <summary><c>POST /api/people/{personId}/merge</c>: the others become this person, who keeps name and id.</summary>
internal static class MergePeople
{
    [Fails(Failure.Conflict)]
    public static async Task<Ok<Response>> HandleAsync(
        long personId, HttpRequest http, PeopleCuration curation, IdentityDb db, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        var sources = Require.Ids(request.SourceIds, "sourceIds").Distinct().ToArray();
        if (sources.Contains(personId))
        {
            throw new FailureException(Failure.InvalidRequest, "A person cannot be merged into themselves; 'sourceIds' holds the person's own id.");
        }

        var person = await curation.MergeAsync(gallery, personId, sources, cancellationToken);
        return TypedResults.Ok(new Response(
            true,
            $"Merged {sources.Length} {(sources.Length == 1 ? "person" : "people")} into {person.Name}",
            await PersonBody.OfAsync(db, gallery, personId, cancellationToken)));
    }

    /// <param name="SourceIds">The people who go; their faces stay.</param>
    internal sealed record Request([property: Required, Length(1, Require.MaxIds), JsonPropertyName("sourceIds")] long[]? SourceIds);

    internal sealed record Response(bool Success, string Message, PersonBody Person);
}
