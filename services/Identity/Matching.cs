using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity;

/// <summary>Compares probes with the enrolled faces of a gallery: the index finds, the database names.</summary>
internal sealed class Matching(IFaceIndex index, IdentityDb db)
{
    // Asked for beyond the limit: somebody may have been removed a moment ago, and the index follows the database.
    private const int Spare = 8;

    /// <summary>The nearest enrolled faces of each probe, highest cosine first.</summary>
    /// <param name="gallery">Whose people are compared with; one that nobody enrolled in yet is empty.</param>
    /// <param name="probes">Embeddings of one recogniser.</param>
    /// <param name="limit">How many for each probe at most.</param>
    /// <param name="cancellationToken">The client went away.</param>
    public async Task<Matches> FindAsync(string gallery, Probes probes, int limit, CancellationToken cancellationToken)
    {
        if (probes.Embeddings.Count == 0 || await db.FindGalleryAsync(gallery, cancellationToken) is not { } galleryId)
        {
            return new Matches(0, [.. probes.Embeddings.Select(_ => (IReadOnlyList<Candidate>)[])]);
        }

        var filter = new IndexFilter(galleryId, Identified: true);
        var found = await index.SearchAsync(probes.Recogniser, probes.Embeddings, limit + Spare, filter, cancellationToken);

        // What the index no longer holds, or holds of somebody else, is read as it is now.
        var faceIds = found.SelectMany(neighbours => neighbours).Select(neighbour => neighbour.FaceId).Distinct().ToArray();
        var known = await (
            from face in db.Faces
            join person in db.People on face.PersonId equals person.Id
            where faceIds.Contains(face.Id) && face.GalleryId == galleryId
            select new { Face = face, Person = person }).AsNoTracking().ToDictionaryAsync(row => row.Face.Id, cancellationToken);
        var nearest = found.Select(neighbours => (IReadOnlyList<Candidate>)[.. neighbours
            .Where(neighbour => known.ContainsKey(neighbour.FaceId))
            .Take(limit)
            .Select(neighbour => new Candidate(known[neighbour.FaceId].Person, known[neighbour.FaceId].Face, neighbour.Cosine))]);
        return new Matches(await index.CountAsync(probes.Recogniser, filter, cancellationToken), [.. nearest]);
    }
}

/// <param name="Recogniser">By its name in the model registry.</param>
/// <param name="Embeddings">Of it.</param>
internal sealed record Probes(string Recogniser, IReadOnlyList<FaceEmbedding> Embeddings);

/// <param name="Enrolled">Embeddings in the gallery that each probe was compared with.</param>
/// <param name="Nearest">A list for each probe, in order.</param>
internal sealed record Matches(long Enrolled, IReadOnlyList<IReadOnlyList<Candidate>> Nearest);

/// <summary>An enrolled face near a probe.</summary>
internal sealed record Candidate(Person Person, Face Face, double Cosine);
