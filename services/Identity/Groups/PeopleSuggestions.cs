using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Audit;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Groups;

/// <summary><c>GET /api/people/suggestions</c>: people whose faces are linked, so that they may be one; not those who are in a photo together.</summary>
internal static class PeopleSuggestions
{
    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, IdentityDb db, IFaceEmbedder embedder, Scores scores, AuditTrail audit,
        [Range(1, Require.MaxLimit), DefaultValue(Require.DefaultLimit)] int? limit, [Range(0, int.MaxValue), DefaultValue(0)] int? offset,
        CancellationToken cancellationToken)
    {
        var page = Require.Page(offset, limit);
        var gallery = GalleryName.Of(http);
        var galleryId = await db.FindGalleryAsync(gallery, cancellationToken) ?? 0;
        var recogniser = (await embedder.EmbedAsync([], cancellationToken)).Recogniser;
        var faces = await db.Faces.LongCountAsync(face => face.GalleryId == galleryId && face.PersonId != null, cancellationToken);
        var threshold = GroupThreshold.Cosine(GroupThreshold.Level(faces), recogniser.Calibration);
        var pairs = await db.Database.SqlQuery<Pair>(
            $"""
             WITH owned AS MATERIALIZED (
                 SELECT id, person_id FROM identity.faces WHERE gallery_id = {galleryId} AND person_id IS NOT NULL
             ), pairs AS (
                 SELECT LEAST(a.person_id, b.person_id) AS first_id, GREATEST(a.person_id, b.person_id) AS second_id,
                        count(*) AS links, avg(link.cosine) AS cosine
                 FROM identity.face_links link JOIN owned a ON a.id = link.face_a JOIN owned b ON b.id = link.face_b
                 WHERE link.recogniser = {recogniser.Name} AND link.cosine >= {threshold} AND a.person_id <> b.person_id
                 GROUP BY 1, 2
             )
             SELECT first_id AS "FirstId", second_id AS "SecondId", links AS "Links", cosine AS "Cosine" FROM pairs
             WHERE NOT EXISTS (
                 SELECT FROM identity.faces one JOIN identity.faces other ON other.photo_id = one.photo_id AND other.person_id = pairs.second_id
                 WHERE one.person_id = pairs.first_id)
             ORDER BY links * cosine DESC, first_id, second_id OFFSET {page.Offset} LIMIT {page.Limit}
             """).ToListAsync(cancellationToken);
        long[] ids = [.. pairs.SelectMany(pair => new[] { pair.FirstId, pair.SecondId }).Distinct()];
        var people = await db.People.Where(person => ids.Contains(person.Id))
            .Select(person => new { person.Uuid, Shown = new SuggestedPerson(person.Id, person.Name, person.Faces.LongCount()) })
            .ToDictionaryAsync(person => person.Shown.Id, cancellationToken);
        await audit.LookedUpAsync(LibraryApi.Dialect, gallery, people.Values.Select(person => person.Uuid), cancellationToken);
        Suggestion[] suggestions =
        [
            .. pairs.Where(pair => people.ContainsKey(pair.FirstId) && people.ContainsKey(pair.SecondId)).Select(pair => new Suggestion(
                [people[pair.FirstId].Shown, people[pair.SecondId].Shown],
                pair.Links,
                Math.Round(scores.Of(pair.Cosine, recogniser.Calibration), 4),
                Math.Round(pair.Cosine, 4),
                recogniser.Name,
                recogniser.Licence,
                recogniser.Sha256)),
        ];
        return TypedResults.Ok(new Response(suggestions, suggestions.Length));
    }

    private sealed record Pair(long FirstId, long SecondId, long Links, double Cosine);

    /// <param name="Suggestions">The most and strongest links first.</param>
    /// <param name="Count">How many this answer holds.</param>
    internal sealed record Response(Suggestion[] Suggestions, int Count);

    /// <param name="People">The two who may be one.</param>
    /// <param name="Links">Pairs of their faces that are alike.</param>
    /// <param name="Similarity">Of the mean cosine of those.</param>
    /// <param name="Cosine">That mean.</param>
    /// <param name="Model">The recogniser.</param>
    /// <param name="ModelLicence">Of its weights.</param>
    /// <param name="ModelSha256">Of its file.</param>
    internal sealed record Suggestion(
        SuggestedPerson[] People, long Links, double Similarity, double Cosine, string Model, string ModelLicence, string ModelSha256);

    internal sealed record SuggestedPerson(long Id, string Name, long FaceCount);
}
