using System.Diagnostics.Metrics;

namespace FaceCloud.Inference;

/// <summary>What is measured of the networks, all of them together.</summary>
internal static class InferenceMetrics
{
    private static readonly Meter Meter = new("FaceCloud.Inference");

    /// <summary>Seconds of one run, without the wait before it; tags <c>network</c> (by its name in the registry) and <c>provider</c>.</summary>
    public static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "facecloud.inference.duration", "s", "Time of one run of a network.", tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5] });

    /// <summary>Requests that wait for a network now; tag <c>network</c>, what it is for.</summary>
    public static readonly UpDownCounter<int> Waiting =
        Meter.CreateUpDownCounter<int>("facecloud.inference.waiting", "{request}", "Requests that wait for a network.");

    /// <summary>Requests refused because too many wait already; tagged likewise.</summary>
    public static readonly Counter<int> Refused =
        Meter.CreateCounter<int>("facecloud.inference.refused", "{request}", "Requests refused because too many wait for a network.");
}
