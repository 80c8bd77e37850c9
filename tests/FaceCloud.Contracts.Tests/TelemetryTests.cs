using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace FaceCloud.Contracts.Tests;

/// <summary>When a process tells of itself.</summary>
public sealed class TelemetryTests
{
    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)] // how deployments leave a setting out
    [InlineData("http://127.0.0.1:4317", true)]
    public void Nothing_is_collected_unless_a_collector_is_named(string? endpoint, bool collects)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
        builder.AddServiceDefaults();
        Assert.Equal(collects, builder.Services.Any(service => service.ServiceType == typeof(TracerProvider)));
        Assert.Equal(collects, builder.Services.Any(service => service.ServiceType == typeof(MeterProvider)));
    }
}
