namespace FaceCloud.Contracts.Faces;

/// <summary>A gallery of N embeddings gives a stranger N chances to be taken for somebody; the threshold rises so that they stay worth one.</summary>
public static class StrangerGuard
{
    /// <summary>The similarity from which a face is somebody where the client named no threshold.</summary>
    /// <param name="documented">The dialect's documented default, a similarity.</param>
    /// <param name="strangersNamed">Strangers out of one that may be named by chance; 0 turns the guard off.</param>
    /// <param name="enrolled">Embeddings a stranger is compared with.</param>
    /// <returns>
    /// The default, or the similarity at the false-match rate <paramref name="strangersNamed"/> / <paramref name="enrolled"/> if that is higher.
    /// </returns>
    public static double Threshold(double documented, double strangersNamed, long enrolled) =>
        strangersNamed > 0 && enrolled > 0
            ? Math.Max(documented, Calibration.SimilarityAtFalseMatchRate(strangersNamed / enrolled))
            : documented;
}
