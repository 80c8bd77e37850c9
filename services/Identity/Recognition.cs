using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;

namespace FaceCloud.Identity;

/// <summary>Names the faces of a photo, for every dialect.</summary>
internal sealed class Recognition(IFaceDetector detector, IFaceEmbedder embedder, Matching matching, Scores scores)
{
    /// <param name="gallery">Whose people may be named.</param>
    /// <param name="image">The photo.</param>
    /// <param name="threshold">The client's, as a score; null for <paramref name="documented"/>, guarded.</param>
    /// <param name="documented">The dialect's default, a similarity.</param>
    /// <param name="limit">How many candidates for each face at most.</param>
    /// <param name="attributes">Also age and gender.</param>
    /// <param name="cancellationToken">The client went away.</param>
    /// <returns>The faces, the largest first.</returns>
    public async Task<Recognised> RecogniseAsync(
        string gallery, ReadOnlyMemory<byte> image, double? threshold, double documented,
        int limit = 1, bool attributes = false, CancellationToken cancellationToken = default)
    {
        var detection = await detector.DetectAsync(image, new DetectionRequest(Crops: true, Attributes: attributes), cancellationToken);
        var embeddings = await embedder.EmbedAsync([.. detection.Faces.Select(face => face.Crop!)], cancellationToken);
        var (recogniser, calibration) = (embeddings.Recogniser, embeddings.Recogniser.Calibration);
        var matches = await matching.FindAsync(gallery, new Probes(recogniser.Name, embeddings.Faces), limit, cancellationToken);
        var applied = scores.Threshold(threshold, documented, matches.Enrolled, calibration);
        var faces = detection.Faces.Select((face, i) => new RecognisedFace(
            face,
            embeddings.Faces[i],
            [.. matches.Nearest[i].Select(candidate => new Match(candidate, scores.Of(candidate.Cosine, calibration), applied))])).ToList();
        IdentityMetrics.Count(faces);
        return new Recognised(faces, applied, recogniser, detection.Detector);
    }
}

/// <param name="Faces">The largest first.</param>
/// <param name="Threshold">The one that was applied, as a score.</param>
/// <param name="Recogniser">That the cosines are of.</param>
/// <param name="Detector">By its name in the model registry.</param>
internal sealed record Recognised(IReadOnlyList<RecognisedFace> Faces, double Threshold, Recogniser Recogniser, string Detector)
{
    public IEnumerable<Guid> KnownPeople => Faces.Select(face => face.Known).OfType<Match>().Select(match => match.Candidate.Person.Uuid);
}

/// <param name="Face">As detected.</param>
/// <param name="Embedding">Of it.</param>
/// <param name="Matches">The nearest enrolled faces, near enough or not; none in an empty gallery.</param>
internal sealed record RecognisedFace(DetectedFace Face, FaceEmbedding Embedding, IReadOnlyList<Match> Matches)
{
    /// <summary>The nearest enrolled face, near enough or not.</summary>
    public Match? Nearest => Matches.Count > 0 ? Matches[0] : null;

    /// <summary>The nearest, if it is near enough.</summary>
    public Match? Known => Nearest is { IsKnown: true } match ? match : null;
}

/// <param name="Candidate">An enrolled face.</param>
/// <param name="Score">How like it is.</param>
/// <param name="Threshold">The one that was applied, as a score.</param>
internal sealed record Match(Candidate Candidate, double Score, double Threshold)
{
    public bool IsKnown => Score >= Threshold;
}
