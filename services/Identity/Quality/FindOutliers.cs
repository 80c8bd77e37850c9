using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Numerics.Tensors;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Audit;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Photos;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Quality;

/// <summary>
/// <c>GET /api/v1/faces/outliers</c>: the caller's faces whose mean cosine to the other faces of their person that the caller owns is low, as a
/// similarity; the least like first. The mean is that with the sum of all unit vectors, so that a person's faces are looked at once each.
/// </summary>
internal static class FindOutliers
{
    private const double DefaultThreshold = 0.6;
    private const double MinThreshold = 0.3;
    private const double MaxThreshold = 0.8;
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    // Faces whose vectors are in memory together, unless one person has more.
    private const int Portion = 4096;

    [Fails(Failure.NotFound)]
    public static async Task<Ok<Outlier[]>> HandleAsync(
        HttpRequest http, IdentityDb db, IFaceEmbedder embedder, Scores scores, ThumbnailUrls thumbnails, AuditTrail audit,
        [FromQuery(Name = "person_id")] Guid? personId, [Range(MinThreshold, MaxThreshold), DefaultValue(DefaultThreshold)] double? threshold,
        [Range(1, MaxLimit), DefaultValue(DefaultLimit)] int? limit, CancellationToken cancellationToken)
    {
        if (threshold is not (null or (>= MinThreshold and <= MaxThreshold)) || limit is < 1 or > MaxLimit)
        {
            throw new FailureException(
                Failure.InvalidRequest,
                FormattableString.Invariant(
                    $"The parameter threshold must be between {MinThreshold} and {MaxThreshold}, and limit between 1 and {MaxLimit}."));
        }

        var faces = db.FacesOf(http).OwnedBy(db, Caller.Of(http)).Where(face => face.PersonId != null && face.Mark != FaceMark.Invalid);
        if (personId is { } uuid)
        {
            var gallery = GalleryName.Of(http);
            var person = await db.People
                .Where(person => person.Uuid == uuid && db.Galleries.Any(owner => owner.Id == person.GalleryId && owner.Name == gallery))
                .Select(person => (long?)person.Id).SingleOrDefaultAsync(cancellationToken)
                ?? throw new FailureException(Failure.NotFound, $"Person {uuid} not found");
            faces = faces.Where(face => face.PersonId == person);
        }

        // Nobody is named by it, so no guard against strangers raises it.
        var recogniser = (await embedder.EmbedAsync([], cancellationToken)).Recogniser;
        var applied = scores.Threshold(threshold, DefaultThreshold, enrolled: 0, recogniser.Calibration);
        var unlike = (await CohesionAsync(faces, db, recogniser.Name, cancellationToken))
            .Where(face => scores.Of(face.Cosine, recogniser.Calibration) < applied)
            .OrderBy(face => face.Cosine).ThenBy(face => face.Id).Take(limit ?? DefaultLimit).ToList();
        long[] ids = [.. unlike.Select(face => face.Id)];
        var rows = await faces.Where(face => ids.Contains(face.Id)).Placed(db).AsNoTracking().ToDictionaryAsync(row => row.Face.Id, cancellationToken);
        await audit.LookedUpAsync(FacesApi.Dialect, GalleryName.Of(http), rows.Values.Select(row => row.Person?.Uuid).OfType<Guid>(), cancellationToken);
        return TypedResults.Ok(unlike.Where(face => rows.GetValueOrDefault(face.Id)?.Person is not null).Select(face => new Outlier(
            rows[face.Id].Face.Uuid,
            rows[face.Id].Photo?.Uuid,
            rows[face.Id].Person!.Uuid,
            rows[face.Id].Person!.Name,
            Math.Round(rows[face.Id].Face.Confidence, 4),
            Math.Round(scores.Of(face.Cosine, recogniser.Calibration), 4),
            thumbnails.Of(http, rows[face.Id].Face.Uuid, rows[face.Id].Picture),
            Math.Round(face.Cosine, 4),
            Math.Round(applied, 4),
            recogniser.Name)).ToArray());
    }

    /// <summary>Of each face the mean cosine to the others of its person; of those who have several.</summary>
    private static async Task<List<(long Id, double Cosine)>> CohesionAsync(
        IQueryable<Face> faces, IdentityDb db, string recogniser, CancellationToken cancellationToken)
    {
        var people = await faces.GroupBy(face => face.PersonId!.Value).Where(person => person.Count() > 1)
            .Select(person => new { person.Key, Faces = person.Count() }).OrderBy(person => person.Key).ToListAsync(cancellationToken);
        var found = new List<(long, double)>();
        for (var first = 0; first < people.Count;)
        {
            var last = first;
            for (var count = 0; last < people.Count && (last == first || count + people[last].Faces <= Portion); last++)
            {
                count += people[last].Faces;
            }

            long[] ids = [.. people[first..last].Select(person => person.Key)];
            var rows = await (
                from face in faces
                join embedding in db.Embeddings on face.Id equals embedding.FaceId
                where ids.Contains(face.PersonId!.Value) && embedding.Recogniser == recogniser && !embedding.LeftBehind
                select new { face.Id, face.PersonId, embedding.Vector }).ToListAsync(cancellationToken);
            foreach (var person in rows.GroupBy(row => row.PersonId).Where(person => person.Skip(1).Any()))
            {
                var sum = new float[person.First().Vector.Length];
                foreach (var row in person)
                {
                    TensorPrimitives.Add(sum, row.Vector, sum);
                }

                found.AddRange(person.Select(row =>
                    (row.Id, (TensorPrimitives.Dot<float>(sum, row.Vector) - (double)TensorPrimitives.SumOfSquares<float>(row.Vector))
                        / (person.Count() - 1))));
            }

            first = last;
        }

        return found;
    }

    /// <param name="FaceId">The face's.</param>
    /// <param name="PhotoId">Null for a face that was enrolled without keeping its photo.</param>
    /// <param name="PersonId">Whose it is said to be.</param>
    /// <param name="PersonName">Their name.</param>
    /// <param name="Confidence">The detector's score, 0 to 1.</param>
    /// <param name="AvgSimilarityToCluster">Of the mean cosine; below the threshold.</param>
    /// <param name="ThumbnailUrl">Holds for an hour; null for a face of which no picture is kept.</param>
    /// <param name="Cosine">That mean.</param>
    /// <param name="Threshold">The one that was applied.</param>
    /// <param name="Model">The recogniser.</param>
    internal sealed record Outlier(
        Guid FaceId, Guid? PhotoId, Guid PersonId, string PersonName, double Confidence, double AvgSimilarityToCluster, string? ThumbnailUrl,
        double Cosine, double Threshold, string Model);
}
