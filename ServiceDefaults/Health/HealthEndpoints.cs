using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FaceCloud.ServiceDefaults.Health;

/// <summary>
/// <c>/health</c> (analytics and device bodies in one), <c>/health/ready</c> (takes traffic) and <c>/health/live</c> (the process answers; it
/// asks nothing else, so that a database that is away does not get the process restarted). A check tagged <see cref="AnotherService"/> counts
/// for <c>/health</c> alone: taking this process out of traffic would not bring the other one back.
/// </summary>
public static class HealthEndpoints
{
    /// <summary>The tag of a check that asks another service.</summary>
    public const string AnotherService = "another-service";

    internal static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = WriteAsync });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => !check.Tags.Contains(AnotherService), ResponseWriter = WriteAsync });
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteLiveAsync });
    }

    private static Task WriteLiveAsync(HttpContext context, HealthReport report) =>
        context.Response.WriteAsJsonAsync(new Dictionary<string, object> { ["status"] = "healthy" }, context.RequestAborted);

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var facts = report.Entries.Values.SelectMany(entry => entry.Data)
            .GroupBy(fact => fact.Key).ToDictionary(group => group.Key, group => group.First().Value);
        var detects = Works(report, HealthFacts.DetectionModel);
        var embeds = Works(report, HealthFacts.RecognitionModel);
        var body = new Dictionary<string, object?>
        {
            ["status"] = SomeServicesAnswer(report) ? "degraded" : Word(report.Status),
            ["service"] = "facecloud",
            ["model_loaded"] = detects && embeds,
            [HealthFacts.DetectionModel] = facts.GetValueOrDefault(HealthFacts.DetectionModel),
            [HealthFacts.RecognitionModel] = facts.GetValueOrDefault(HealthFacts.RecognitionModel),
            [HealthFacts.AttributesModel] = facts.GetValueOrDefault(HealthFacts.AttributesModel),
            [HealthFacts.DetectionNetworks] = facts.GetValueOrDefault(HealthFacts.DetectionNetworks),
            [HealthFacts.RecognitionNetworks] = facts.GetValueOrDefault(HealthFacts.RecognitionNetworks),
            [HealthFacts.Provider] = facts.GetValueOrDefault(HealthFacts.Provider),
            [HealthFacts.DatabaseEnabled] = facts.GetValueOrDefault(HealthFacts.DatabaseEnabled),
            ["services"] = new Dictionary<string, bool> { ["face_detector"] = detects, ["face_analytics"] = detects && embeds },
            ["checks"] = report.Entries.ToDictionary(entry => entry.Key, entry => Word(entry.Value.Status)),
        };
        return context.Response.WriteAsJsonAsync(body, context.RequestAborted);
    }

    /// <summary>Before services of which some answer and some do not: the checks name them.</summary>
    private static bool SomeServicesAnswer(HealthReport report)
    {
        var services = report.Entries.Values.Where(entry => entry.Tags.Contains(AnotherService)).Select(entry => entry.Status == HealthStatus.Healthy).ToList();
        return services.Contains(true) && services.Contains(false);
    }

    private static bool Works(HealthReport report, string model) =>
        report.Entries.Values.Any(entry => entry.Status == HealthStatus.Healthy && entry.Data.ContainsKey(model));

    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}
