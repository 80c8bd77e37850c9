using System.Diagnostics.Metrics;

namespace FaceCloud.Detection;

/// <summary>What is measured of detection.</summary>
internal static class DetectionMetrics
{
    private static readonly Meter Meter = new("FaceCloud.Detection");

    /// <summary>Its rate is faces per second.</summary>
    public static readonly Counter<int> Faces = Meter.CreateCounter<int>("facecloud.faces.detected", "{face}", "Faces found in photos.");

    public static readonly Counter<int> Photos = Meter.CreateCounter<int>("facecloud.photos.searched", "{photo}", "Photos whose faces were looked for.");
}
