namespace FaceCloud.Identity.Groups;

/// <summary>Faces that hang together by links: what is not linked, directly or by others, is not the same person.</summary>
internal static class LinkComponents
{
    private const float Step = 0.02f;

    /// <summary>
    /// The connected parts of a graph of faces. One with too many faces is taken apart by a higher threshold, and again, so that the work on each is
    /// bounded; the parts depend on the faces and their links alone.
    /// </summary>
    /// <param name="count">Faces, numbered from 0.</param>
    /// <param name="links">Those at <paramref name="threshold"/> or above.</param>
    /// <param name="threshold">The cosine at which the parts are wanted.</param>
    /// <param name="maxFaces">The most a part may have.</param>
    /// <returns>The faces of each part, in ascending order.</returns>
    public static List<int[]> Split(int count, Link[] links, float threshold, int maxFaces)
    {
        var parts = new List<int[]>();
        var pending = new Stack<(int[] Faces, Link[] Links, float Threshold)>();
        pending.Push(([.. Enumerable.Range(0, count)], links, threshold));
        while (pending.TryPop(out var piece))
        {
            foreach (var (faces, within) in Connected(piece.Faces, piece.Links))
            {
                if (faces.Length <= maxFaces)
                {
                    parts.Add(faces);
                }
                else if (piece.Threshold + Step is var higher && higher > 1)
                {
                    // Of faces that are the same picture no threshold tells more.
                    parts.AddRange(faces.Chunk(maxFaces));
                }
                else
                {
                    pending.Push((faces, [.. within.Where(link => link.Cosine >= higher)], higher));
                }
            }
        }

        return parts;
    }

    private static IEnumerable<(int[] Faces, IEnumerable<Link> Links)> Connected(int[] faces, Link[] links)
    {
        var root = new Dictionary<int, int>(faces.Length);
        foreach (var face in faces)
        {
            root[face] = face;
        }

        int Root(int face)
        {
            while (root[face] is var above && above != face)
            {
                face = root[face] = root[above];
            }

            return face;
        }

        foreach (var link in links)
        {
            var (a, b) = (Root(link.A), Root(link.B));
            root[Math.Max(a, b)] = Math.Min(a, b);
        }

        var within = links.ToLookup(link => Root(link.A));
        return [.. faces.GroupBy(Root).Select(part => (part.ToArray(), within[part.Key]))];
    }
}

/// <summary>Two faces, by their numbers, and how like they are.</summary>
internal readonly record struct Link(int A, int B, float Cosine);
