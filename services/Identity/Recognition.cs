using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity;

/// <summary>Names the faces of a photo, for every dialect.</summary>
internal sealed class Recognition(IFaceDetector detector, IFaceEmbedder embedder, IFaceIndex index, IdentityDb db, Scores scores)
{
    // More than one neighbour, because a person may have been removed a moment ago and the index follows the database.
    private const int Neighbours = 8;

    /// <param name="gallery">Whose people may be named; a gallery nobody enrolled in yet is empty.</param>
    /// <param name="image">The photo.</param>
    /// <param name="threshold">The client's, as a score; null for <paramref name="documented"/>, guarded.</param>
    /// <param name="documented">The dialect's default, a similarity.</param>
    /// <param name="cancellationToken">The client went away.</param>
    public async Task<IReadOnlyList<RecognisedFace>> RecogniseAsync(
        string gallery, ReadOnlyMemory<byte> image, double? threshold, double documented, CancellationToken cancellationToken)
    {
        var detection = await detector.DetectAsync(image, new DetectionRequest(Crops: true), cancellationToken);
        if (detection.Faces.Count == 0)
        {
            return [];
        }

        var embeddings = await embedder.EmbedAsync([.. detection.Faces.Select(face => face.Crop!)], cancellationToken);
        var (recogniser, calibration) = (embeddings.Recogniser.Name, embeddings.Recogniser.Calibration);
        var candidates = await NearestPeopleAsync(gallery, recogniser, embeddings.Faces, cancellationToken);
        var applied = scores.Threshold(threshold, documented, candidates.Enrolled, calibration);
        return [.. detection.Faces.Select((face, i) =>
        {
            var nearest = candidates.Nearest[i];
            var score = nearest is null ? 0 : scores.Of(nearest.Cosine, calibration);
            return new RecognisedFace(face, nearest, score, nearest is not null && score >= applied, applied, recogniser);
        })];
    }

    private async Task<(long Enrolled, Candidate?[] Nearest)> NearestPeopleAsync(
        string gallery, string recogniser, IReadOnlyList<FaceEmbedding> probes, CancellationToken cancellationToken)
    {
        var galleryId = await db.Galleries.Where(g => g.Name == gallery).Select(g => (long?)g.Id).SingleOrDefaultAsync(cancellationToken);
        if (galleryId is not { } id)
        {
            return (0, new Candidate?[probes.Count]);
        }

        var filter = new IndexFilter(id, Identified: true);
        var found = await index.SearchAsync(recogniser, probes, Neighbours, filter, cancellationToken);

        // The index finds, the database names: what it no longer holds, or holds of somebody else, is read as it is now.
        var faceIds = found.SelectMany(neighbours => neighbours).Select(neighbour => neighbour.FaceId).Distinct().ToArray();
        var people = await (
            from face in db.Faces
            join person in db.People on face.PersonId equals person.Id
            where faceIds.Contains(face.Id) && face.GalleryId == id
            select new { face.Id, Person = person }).AsNoTracking().ToDictionaryAsync(row => row.Id, row => row.Person, cancellationToken);
        var nearest = found.Select(neighbours => neighbours
            .Where(neighbour => people.ContainsKey(neighbour.FaceId))
            .Select(neighbour => new Candidate(people[neighbour.FaceId], neighbour.FaceId, neighbour.Cosine))
            .FirstOrDefault());
        return (await index.CountAsync(recogniser, filter, cancellationToken), [.. nearest]);
    }
}

/// <summary>The enrolled face nearest to a probe.</summary>
internal sealed record Candidate(Person Person, long FaceId, double Cosine);

/// <param name="Face">As detected.</param>
/// <param name="Nearest">The nearest enrolled face, whether near enough or not; null in an empty gallery.</param>
/// <param name="Score">Of <paramref name="Nearest"/>.</param>
/// <param name="IsKnown">The score reaches the threshold.</param>
/// <param name="Threshold">The one that was applied, as a score.</param>
/// <param name="Recogniser">By its name in the model registry.</param>
internal sealed record RecognisedFace(DetectedFace Face, Candidate? Nearest, double Score, bool IsKnown, double Threshold, string Recogniser);
