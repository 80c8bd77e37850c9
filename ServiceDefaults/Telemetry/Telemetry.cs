using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace FaceCloud.ServiceDefaults.Telemetry;

/// <summary>
/// Traces, metrics and logs for an OpenTelemetry collector, where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names one; without it nothing is collected. The
/// frameworks tell of themselves, and what FaceCloud adds has names that begin with <c>FaceCloud</c>. No image, face, embedding or name is among it.
/// </summary>
internal static partial class Telemetry
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const string OverHttp = "http/protobuf";
    private const int FlushMilliseconds = 2000;

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration[Endpoint]))
        {
            return;
        }

        // ASP.NET Core leaves the tags of its spans to OpenTelemetry's own package unless it is told not to.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        var resource = ResourceBuilder.CreateEmpty()
            .AddService(ServiceName(builder.Environment.ApplicationName)).AddTelemetrySdk().AddEnvironmentVariableDetector();
        builder.Services.AddSingleton(_ => Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .SetSampler(new ParentBasedSampler(new AskedForSampler()))
            .AddSource("Microsoft.AspNetCore", "System.Net.Http", "MassTransit", "Npgsql", "FaceCloud.*")
            .AddOtlpExporter(exporter => Configure(exporter, builder.Configuration, "v1/traces"))
            .Build());
        builder.Services.AddSingleton(_ => Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter("Microsoft.AspNetCore.*", "System.Net.Http", "System.Runtime", "MassTransit", "Npgsql", "FaceCloud.*")
            .AddOtlpExporter(exporter => Configure(exporter, builder.Configuration, "v1/metrics"))
            .Build());
        builder.Logging.AddOpenTelemetry(logs =>
        {
            logs.IncludeFormattedMessage = true;
            logs.SetResourceBuilder(resource).AddOtlpExporter(exporter => Configure(exporter, builder.Configuration, "v1/logs"));
        });
        builder.Services.AddHostedService<Providers>();
    }

    public static void UseTelemetry(this WebApplication app)
    {
        if (app.Services.GetService<TracerProvider>() is not null)
        {
            app.UseMiddleware<ServerSpans>();
        }
    }

    private static void Configure(OtlpExporterOptions exporter, IConfiguration configuration, string path)
    {
        var endpoint = new Uri(configuration[Endpoint]!);
        (exporter.Protocol, exporter.Endpoint) = configuration[Protocol] == OverHttp
            ? (OtlpExportProtocol.HttpProtobuf, new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{path}"))
            : (OtlpExportProtocol.Grpc, endpoint);
    }

    /// <summary><c>FaceCloud.VectorSearch</c> is <c>vector-search</c>, as other services call it; <c>OTEL_SERVICE_NAME</c> goes before.</summary>
    private static string ServiceName(string program) =>
        WordStart().Replace(program.Replace("FaceCloud.", "", StringComparison.Ordinal), "-").ToLowerInvariant();

    [GeneratedRegex("(?<=[a-z])(?=[A-Z])")]
    private static partial Regex WordStart();

    /// <summary>Makes the providers before anything is asked, and sends what they have when the host stops.</summary>
    private sealed class Providers(TracerProvider tracer, MeterProvider meter) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) =>
            Task.WhenAll(
                Task.Run(() => tracer.ForceFlush(FlushMilliseconds), cancellationToken),
                Task.Run(() => meter.ForceFlush(FlushMilliseconds), cancellationToken));
    }
}
