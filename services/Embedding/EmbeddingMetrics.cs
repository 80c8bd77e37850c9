using System.Diagnostics.Metrics;

namespace FaceCloud.Embedding;

/// <summary>What is measured of embedding.</summary>
internal static class EmbeddingMetrics
{
    private static readonly Meter Meter = new("FaceCloud.Embedding");

    /// <summary>Its rate is faces per second.</summary>
    public static readonly Counter<int> Faces = Meter.CreateCounter<int>("facecloud.faces.embedded", "{face}", "Faces turned into vectors.");
}
