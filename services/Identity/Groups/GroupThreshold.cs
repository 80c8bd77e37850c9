using System.Numerics;
using FaceCloud.Contracts.Faces;

namespace FaceCloud.Identity.Groups;

/// <summary>
/// How like faces have to be to count as one person without anybody saying so. The more faces there are, the more pairs of strangers are alike by
/// chance; the threshold rises so that a face has as few such links in a large library as in a small one.
/// </summary>
internal static class GroupThreshold
{
    // Chosen on one half of labelled people, reported on the other: docs/decisions/groups-of-unidentified-faces.md.
    private const double ChanceLinks = 0.02;

    // Faces of one person are this like each other, so that averaging them takes away the part of a chance likeness that is not shared.
    private const float OwnLikeness = 0.55f;

    // How much of that part counts: all of it would let large groups swallow each other, none would split people with many faces.
    private const float Share = 0.5f;

    private const int Smallest = 1024;

    /// <summary>The threshold counts faces in powers of two, so that one more face does not change every group.</summary>
    public static int Level(long faces) => BitOperations.Log2((ulong)Math.Max(Smallest, faces) - 1) + 1;

    /// <summary>The cosine from which two faces of so many are linked.</summary>
    public static float Cosine(int level, Calibration calibration) =>
        (float)calibration.Cosine(Calibration.SimilarityAtFalseMatchRate(ChanceLinks / (1L << level)));

    /// <summary>The lowest of all levels: below it no link is kept.</summary>
    public static float Floor(Calibration calibration) => Cosine(Level(0), calibration);

    /// <summary>
    /// By how much less the mean cosine between two groups may be, as a factor for each of them: chance evens out in a mean, likeness does not.
    /// </summary>
    public static float Relief(int faces) => MathF.Pow((1 + ((faces - 1) * OwnLikeness)) / faces, Share / 2);
}
