using System.Diagnostics.Metrics;

namespace FaceCloud.Identity;

/// <summary>What is measured of identity.</summary>
internal static class IdentityMetrics
{
    private static readonly Meter Meter = new("FaceCloud.Identity");

    /// <summary>Faces that somebody asked about, by tag <c>result</c>: <c>match</c> or <c>stranger</c>.</summary>
    private static readonly Counter<int> Recognised = Meter.CreateCounter<int>("facecloud.faces.recognised", "{face}", "Faces asked about.");

    /// <summary>Photos that are not processed yet. Every process tells the same: take the largest, not the sum.</summary>
    public static readonly Gauge<long> PhotosWaiting = Meter.CreateGauge<long>("facecloud.photos.waiting", "{photo}", "Photos not processed yet.");

    /// <summary>Since when the oldest of them waits; likewise.</summary>
    public static readonly Gauge<double> OldestPhoto = Meter.CreateGauge<double>("facecloud.photos.oldest", "s", "Age of the oldest photo not processed yet.");

    /// <summary>Events not published yet; likewise.</summary>
    public static readonly Gauge<long> EventsWaiting = Meter.CreateGauge<long>("facecloud.outbox.waiting", "{event}", "Events not published yet.");

    public static void Count(IReadOnlyList<RecognisedFace> faces)
    {
        var matches = faces.Count(face => face.Known is not null);
        Recognised.Add(matches, new KeyValuePair<string, object?>("result", "match"));
        Recognised.Add(faces.Count - matches, new KeyValuePair<string, object?>("result", "stranger"));
    }
}
