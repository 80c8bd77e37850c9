using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FaceCloud.Identity.Library;

/// <summary>
/// Names faces that nobody has named: sure ones are given to their person, likely ones are proposed for review. A person's similarity is that of
/// their most similar face, so that many different photos of somebody help and never blur.
/// </summary>
internal sealed class AutoRecognition(
    IFaceIndex index, IFaceEmbedder embedder, IdentityDb db, Scores scores, Ledger ledger, IOptions<AutoRecogniseOptions> options)
{
    private const double DefaultMinConfidence = 0.9;

    // A similarity, by the contract: from here on a face is worth a user's look.
    private const double ReviewFrom = 0.70;

    // Searched together; their vectors and neighbours are in memory.
    private const int Portion = 64;
    private const int FirstNeighbours = 8;

    /// <summary>Looks at the faces of a gallery that were not looked at for the longest time, those under review among them.</summary>
    /// <param name="gallery">Its name.</param>
    /// <param name="limit">How many faces at most.</param>
    /// <param name="minConfidence">The score from which a face is assigned; null for the default, guarded.</param>
    /// <param name="allowSamePhoto">A person may be in a photo more than once: in a collage, say.</param>
    /// <param name="cancellationToken">The client went away.</param>
    /// <exception cref="FailureException"><see cref="Failure.InsufficientData"/>: nobody to recognise.</exception>
    public async Task<AutoRecognised> RecogniseAsync(
        string gallery, int limit, double? minConfidence, bool allowSamePhoto, CancellationToken cancellationToken)
    {
        var recogniser = (await embedder.EmbedAsync([], cancellationToken)).Recogniser;
        var galleryId = await db.FindGalleryAsync(gallery, cancellationToken) ?? 0;
        var trained = await TrainedPeopleAsync(galleryId, recogniser, cancellationToken);
        if (trained == 0)
        {
            throw new FailureException(Failure.InsufficientData, "No trained people found for recognition")
            {
                Details = new Dictionary<string, object?> { ["suggestion"] = "Train at least one person before running auto-recognition" },
            };
        }

        var candidates = Candidates(recogniser).Where(candidate => candidate.Face.GalleryId == galleryId)
            .OrderBy(candidate => candidate.Face.RecognisedAt != null).ThenBy(candidate => candidate.Face.RecognisedAt).ThenBy(candidate => candidate.Face.Id)
            .Take(limit);
        return await RecogniseAsync(galleryId, LibraryApi.Dialect, candidates, trained, recogniser, minConfidence, allowSamePhoto, cancellationToken);
    }

    /// <summary>Looks at the faces of one photo, as the upload of it may ask for. In a gallery without people nothing happens.</summary>
    public async Task RecognisePhotoAsync(long galleryId, long photoId, CancellationToken cancellationToken)
    {
        var recogniser = (await embedder.EmbedAsync([], cancellationToken)).Recogniser;
        var trained = await TrainedPeopleAsync(galleryId, recogniser, cancellationToken);
        if (trained > 0)
        {
            var candidates = Candidates(recogniser).Where(candidate => candidate.Face.GalleryId == galleryId && candidate.Face.PhotoId == photoId)
                .OrderBy(candidate => candidate.Face.Id);
            await RecogniseAsync(galleryId, "pipeline", candidates, trained, recogniser, null, false, cancellationToken);
        }
    }

    private async Task<AutoRecognised> RecogniseAsync(
        long galleryId, string dialect, IQueryable<Candidate> candidates, int trained, Recogniser recogniser,
        double? minConfidence, bool allowSamePhoto, CancellationToken cancellationToken)
    {
        var faces = await candidates.AsNoTracking().ToListAsync(cancellationToken);
        var enrolled = await index.CountAsync(recogniser.Name, new IndexFilter(galleryId, Identified: true), cancellationToken);
        var rules = new AutoRules(
            scores.Threshold(minConfidence, DefaultMinConfidence, enrolled, recogniser.Calibration),
            scores.Of(recogniser.Calibration.Cosine(ReviewFrom), recogniser.Calibration),
            options.Value, allowSamePhoto);

        var judged = new List<AutoMatch>();
        foreach (var portion in faces.Chunk(Portion))
        {
            var best = await BestPeopleAsync(galleryId, portion, recogniser, cancellationToken);
            judged.AddRange(portion.Zip(best).Where(pair => pair.Second.Count > 0).Select(pair =>
            {
                var first = pair.Second[0];
                var margin = pair.Second.Count > 1 ? first.Cosine - pair.Second[1].Cosine : (double?)null;
                return rules.Judge(new AutoMatch(
                    pair.First.Face, first.PersonId, first.Cosine, scores.Of(first.Cosine, recogniser.Calibration), margin));
            }));
        }

        long[] photos = [.. judged.Where(match => match.Face.PhotoId is not null).Select(match => match.Face.PhotoId!.Value).Distinct()];
        var shown = await db.Faces.Where(face => photos.Contains(face.PhotoId!.Value) && face.PersonId != null)
            .Select(face => new { PhotoId = face.PhotoId!.Value, PersonId = face.PersonId!.Value }).ToListAsync(cancellationToken);
        var matches = rules.OncePerPhoto(judged, shown.Select(face => (face.PhotoId, face.PersonId)))
            .Where(match => match.Action is not AutoAction.None).ToList();
        var written = await WriteAsync(galleryId, dialect, matches, allowSamePhoto, cancellationToken);

        // After the decision: what a crash leaves undecided comes first again. Locked in their order, as everywhere, so that two who look do not
        // wait for each other.
        long[] looked = [.. faces.Select(candidate => candidate.Face.Id)];
        await db.Database.ExecuteSqlAsync(
            $"""
             WITH locked AS (SELECT id FROM identity.faces WHERE id = ANY({looked}) ORDER BY id FOR NO KEY UPDATE)
             UPDATE identity.faces face SET recognised_at = {DateTime.UtcNow} FROM locked WHERE face.id = locked.id
             """,
            cancellationToken);
        long[] personIds = [.. written.Select(match => match.PersonId).Distinct()];
        var people = await db.People.Where(person => personIds.Contains(person.Id)).AsNoTracking()
            .ToDictionaryAsync(person => person.Id, cancellationToken);

        // Somebody who was removed a moment ago has no name to tell.
        return new AutoRecognised(faces.Count, trained, [.. written.Where(match => people.ContainsKey(match.PersonId))], people, rules, recogniser);
    }

    private Task<int> TrainedPeopleAsync(long galleryId, Recogniser recogniser, CancellationToken cancellationToken) =>
        db.People.CountAsync(
            person => person.GalleryId == galleryId && person.Faces.Any(face => face.Embeddings.Any(embedding => embedding.Recogniser == recogniser.Name)),
            cancellationToken);

    /// <summary>Faces of photos that an automatic decision may be made about, with what they look like and whom they are not.</summary>
    private IQueryable<Candidate> Candidates(Recogniser recogniser) =>
        from face in db.Faces
        join embedding in db.Embeddings on face.Id equals embedding.FaceId
        where face.PhotoId != null && face.PersonId == null && face.Mark == FaceMark.None && embedding.Recogniser == recogniser.Name
        select new Candidate
        {
            Face = face,
            Vector = embedding.Vector,
            NotThese = db.Negatives.Where(negative => negative.FaceId == face.Id).Select(negative => negative.PersonId).ToList(),
        };

    /// <summary>
    /// The most similar person of each face and the second, each by their most similar face, without those a user said it is not. The search grows
    /// until both are found, or a second could not be within the margin, or what comes is not worth a look, or there is no more.
    /// </summary>
    private async Task<IReadOnlyList<PersonCosine>[]> BestPeopleAsync(
        long galleryId, IReadOnlyList<Candidate> faces, Recogniser recogniser, CancellationToken cancellationToken)
    {
        var best = new IReadOnlyList<PersonCosine>[faces.Count];
        var filter = new IndexFilter(galleryId, Identified: true);
        var worthALook = Math.Min(recogniser.Calibration.Cosine(ReviewFrom), recogniser.Calibration.C0);
        var pending = Enumerable.Range(0, faces.Count).ToList();
        for (var limit = FirstNeighbours; pending.Count > 0; limit *= 4)
        {
            var found = await index.SearchAsync(
                recogniser.Name, [.. pending.Select(i => new FaceEmbedding(faces[i].Vector))], limit, filter, cancellationToken);

            // The database says whose they are: the index may be a moment behind.
            long[] ids = [.. found.SelectMany(neighbours => neighbours).Select(neighbour => neighbour.FaceId).Distinct()];
            var people = await db.Faces.Where(face => ids.Contains(face.Id) && face.PersonId != null && face.GalleryId == galleryId)
                .ToDictionaryAsync(face => face.Id, face => face.PersonId!.Value, cancellationToken);
            var unfinished = new List<int>();
            foreach (var (i, neighbours) in pending.Zip(found))
            {
                best[i] =
                [
                    .. neighbours.Where(neighbour => people.ContainsKey(neighbour.FaceId))
                        .Select(neighbour => new PersonCosine(people[neighbour.FaceId], neighbour.Cosine))
                        .Where(person => !faces[i].NotThese.Contains(person.PersonId))
                        .DistinctBy(person => person.PersonId).Take(2),
                ];
                if (best[i].Count < 2 && neighbours.Count == limit && neighbours[^1].Cosine >= worthALook)
                {
                    unfinished.Add(i);
                }
            }

            pending = unfinished;
        }

        return best;
    }

    /// <returns>What was written. A decision that came in between wins, and of a face that was left alone for it nothing is told.</returns>
    private async Task<IReadOnlyList<AutoMatch>> WriteAsync(
        long galleryId, string dialect, List<AutoMatch> matches, bool allowSamePhoto, CancellationToken cancellationToken)
    {
        if (matches.Count == 0)
        {
            return [];
        }

        var conclusions = matches.Select(match => new AutomaticConclusion(
            match.Face.Id, match.PersonId, (float)match.Score, match.Action == AutoAction.Assign)).ToList();
        var written = (await ledger.ConcludeAsync(galleryId, dialect, conclusions, !allowSamePhoto, cancellationToken)).Select(w => w.FaceId).ToHashSet();
        return [.. matches.Where(match => written.Contains(match.Face.Id))];
    }

    private sealed class Candidate
    {
        public required Face Face { get; init; }

        public required float[] Vector { get; init; }

        public required List<long> NotThese { get; init; }
    }

    private readonly record struct PersonCosine(long PersonId, double Cosine);
}

/// <param name="Processed">Faces looked at.</param>
/// <param name="TrainedPeople">People with at least one embedding.</param>
/// <param name="Matches">What was decided, in the order of <see cref="AutoRules.OncePerPhoto"/>.</param>
/// <param name="People">Those in it, by their numbers.</param>
/// <param name="Rules">That were applied.</param>
/// <param name="Recogniser">That told the faces.</param>
internal sealed record AutoRecognised(
    int Processed, int TrainedPeople, IReadOnlyList<AutoMatch> Matches, IReadOnlyDictionary<long, Person> People, AutoRules Rules,
    Recogniser Recogniser);
