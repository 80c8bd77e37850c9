namespace FaceCloud.Detection.Networks;

/// <summary>Keeps the best of candidates that are one face.</summary>
internal static class NonMaximumSuppression
{
    /// <param name="candidates">Any order.</param>
    /// <param name="maxOverlap">Intersection over union above which two candidates are one face.</param>
    /// <returns>The survivors, highest score first; equal scores keep their order, so that the same image gives the same answer.</returns>
    public static List<Candidate> Apply(IEnumerable<Candidate> candidates, float maxOverlap)
    {
        var kept = new List<Candidate>();
        foreach (var candidate in candidates.OrderByDescending(candidate => candidate.Score))
        {
            if (kept.TrueForAll(better => better.Box.IntersectionOverUnion(candidate.Box) <= maxOverlap))
            {
                kept.Add(candidate);
            }
        }

        return kept;
    }
}
