using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Audit;
using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Library;

/// <summary><c>GET /api/faces/{id}/similar</c>: faces of the gallery, whoever's they are, most similar first.</summary>
internal static class Similar
{
    private const double DefaultThreshold = 0.8;
    private const int DefaultLimit = 20;

    public static async Task<Ok<Response>> HandleAsync(
        HttpRequest http, IdentityDb db, IFaceIndex index, IFaceEmbedder embedder, Scores scores, AuditTrail audit,
        long faceId, [Range(0.0, 1.0), DefaultValue(DefaultThreshold)] double? threshold,
        [Range(1, Require.MaxLimit), DefaultValue(DefaultLimit)] int? limit, CancellationToken cancellationToken)
    {
        Require.Fraction(threshold, "threshold");
        var (_, most) = Require.Page(null, limit ?? DefaultLimit);
        var gallery = GalleryName.Of(http);
        var galleryId = await db.FindGalleryAsync(gallery, cancellationToken) ?? 0;
        var face = await db.Faces.AsNoTracking().SingleOrDefaultAsync(f => f.Id == faceId && f.GalleryId == galleryId, cancellationToken)
            ?? throw Missing.Face(faceId);
        var recogniser = (await embedder.EmbedAsync([], cancellationToken)).Recogniser;
        var filter = new IndexFilter(galleryId);
        var applied = scores.Threshold(
            threshold, DefaultThreshold, await index.CountAsync(recogniser.Name, filter, cancellationToken), recogniser.Calibration);

        var vector = await db.Embeddings.Where(embedding => embedding.FaceId == faceId && embedding.Recogniser == recogniser.Name)
            .Select(embedding => embedding.Vector).SingleOrDefaultAsync(cancellationToken);
        var similar = vector is null
            ? []
            : await FindAsync(
                db, index, faceId, new FaceEmbedding(vector), cosine => scores.Of(cosine, recogniser.Calibration) >= applied,
                filter, most, recogniser, cancellationToken);
        await audit.LookedUpAsync(LibraryApi.Dialect, gallery, similar.Select(found => found.Person?.Uuid).OfType<Guid>(), cancellationToken, faceId);
        return TypedResults.Ok(new Response(
            new Face(faceId, LibraryPaths.Crop(face)),
            [
                .. similar.Select(found => new SimilarFace(
                    found.Face.Id,
                    Math.Round(scores.Of(found.Cosine, recogniser.Calibration), 4),
                    LibraryPaths.Crop(found.Face),
                    found.Person is null ? null : new Owner(found.Person.Id, found.Person.Name),
                    ImageBody.Of(found.Photo),
                    Math.Round(found.Cosine, 4))),
            ],
            Math.Round(applied, 4),
            recogniser.Name,
            recogniser.Licence,
            recogniser.Sha256));
    }

    /// <summary>The index is asked for more until enough of what it names is there and meant: not itself, nothing that is no face.</summary>
    private static async Task<List<Found>> FindAsync(
        IdentityDb db, IFaceIndex index, long faceId, FaceEmbedding probe, Func<double, bool> isNear, IndexFilter filter, int most,
        Recogniser recogniser, CancellationToken cancellationToken)
    {
        for (var limit = most + 1; ; limit *= 4)
        {
            var neighbours = (await index.SearchAsync(recogniser.Name, [probe], limit, filter, cancellationToken))[0];
            var near = neighbours.Where(neighbour => neighbour.FaceId != faceId && isNear(neighbour.Cosine)).ToList();
            long[] ids = [.. near.Select(neighbour => neighbour.FaceId)];
            var rows = await (
                from face in db.Faces
                join photo in db.Photos on face.PhotoId equals photo.Id into photos
                from photo in photos.DefaultIfEmpty()
                join person in db.People on face.PersonId equals person.Id into people
                from person in people.DefaultIfEmpty()
                where ids.Contains(face.Id) && face.GalleryId == filter.GalleryId && face.Mark != FaceMark.Invalid
                select new { Face = face, Photo = photo, Person = person }).AsNoTracking().ToDictionaryAsync(row => row.Face.Id, cancellationToken);
            if (rows.Count >= most || neighbours.Count < limit || !isNear(neighbours[^1].Cosine))
            {
                return
                [
                    .. near.Where(neighbour => rows.ContainsKey(neighbour.FaceId)).Take(most)
                        .Select(neighbour => new Found(
                            rows[neighbour.FaceId].Face, rows[neighbour.FaceId].Photo, rows[neighbour.FaceId].Person, neighbour.Cosine)),
                ];
            }
        }
    }

    private sealed record Found(Data.Face Face, Photo? Photo, Person? Person, double Cosine);

    /// <param name="BaseFace">The one asked about.</param>
    /// <param name="SimilarFaces">Most similar first; none for a face that the network in use has not described.</param>
    /// <param name="Threshold">The score from which a face is in the list.</param>
    /// <param name="Model">The recogniser.</param>
    /// <param name="ModelLicence">Of its weights.</param>
    /// <param name="ModelSha256">Of its file.</param>
    internal sealed record Response(
        [property: JsonPropertyName("baseFace")] Face BaseFace,
        [property: JsonPropertyName("similarFaces")] SimilarFace[] SimilarFaces,
        double Threshold,
        string Model,
        string ModelLicence,
        string ModelSha256);

    internal sealed record Face(long Id, string? FaceImagePath);

    /// <param name="Id">The face's.</param>
    /// <param name="SimilarityScore">0 to 1.</param>
    /// <param name="FaceImagePath">A path that answers with the crop or the portrait; null for a face of which no picture is kept.</param>
    /// <param name="Person">Whose face it is; null while it is nobody's.</param>
    /// <param name="Image">The photo it is in; null for a face that was enrolled.</param>
    /// <param name="Cosine">Raw, of the same comparison.</param>
    internal sealed record SimilarFace(long Id, double SimilarityScore, string? FaceImagePath, Owner? Person, ImageBody? Image, double Cosine);

    internal sealed record Owner(long Id, string Name);
}
