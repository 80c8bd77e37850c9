using System.Diagnostics.Metrics;

namespace FaceCloud.VectorSearch;

/// <summary>What operators see of the index, whichever it is.</summary>
internal static class IndexMetrics
{
    public static void Observe(IMeterFactory meters, Func<IEnumerable<(string Recogniser, long Faces)>> sizes) =>
        meters.Create("FaceCloud.VectorSearch").CreateObservableGauge(
            "facecloud.index.faces",
            () => sizes().Select(size => new Measurement<long>(size.Faces, new KeyValuePair<string, object?>("network", size.Recogniser))),
            "{face}",
            "Faces in the vector index.");
}
