using FaceCloud.Contracts.Faces;

namespace FaceCloud.Identity.Reprocessing;

/// <summary>Which faces of two looks at one photo are the same.</summary>
internal static class FaceMatching
{
    /// <summary>Boxes that share as much of their union are one face, by the contract.</summary>
    private const float SameFrom = 0.5f;

    /// <summary>Each face is matched once at most, the pair with the greatest overlap first.</summary>
    /// <returns>Positions in the two lists.</returns>
    public static IReadOnlyList<(int Former, int Now)> Match(IReadOnlyList<FaceBox> former, IReadOnlyList<FaceBox> now)
    {
        var overlaps =
            from f in Enumerable.Range(0, former.Count)
            from n in Enumerable.Range(0, now.Count)
            let overlap = former[f].IntersectionOverUnion(now[n])
            where overlap >= SameFrom
            orderby overlap descending, f, n
            select (Former: f, Now: n);
        var (matchedFormer, matchedNow) = (new HashSet<int>(), new HashSet<int>());
        var matches = new List<(int Former, int Now)>();
        foreach (var pair in overlaps)
        {
            if (!matchedFormer.Contains(pair.Former) && matchedNow.Add(pair.Now))
            {
                matchedFormer.Add(pair.Former);
                matches.Add(pair);
            }
        }

        return matches;
    }
}
