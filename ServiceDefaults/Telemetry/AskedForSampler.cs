using System.Diagnostics;
using OpenTelemetry.Trace;

namespace FaceCloud.ServiceDefaults.Telemetry;

/// <summary>
/// Traces what somebody asked for: no probes, and no queries and calls that belong to nothing, such as looking every second whether there is work.
/// </summary>
internal sealed class AskedForSampler : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        new(samplingParameters.Kind == ActivityKind.Client || IsProbe(samplingParameters.Tags) ? SamplingDecision.Drop : SamplingDecision.RecordAndSample);

    private static bool IsProbe(IEnumerable<KeyValuePair<string, object?>>? tags) =>
        tags?.Any(tag => tag.Key == "url.path" && tag.Value is string path && path.StartsWith("/health", StringComparison.Ordinal)) == true;
}
