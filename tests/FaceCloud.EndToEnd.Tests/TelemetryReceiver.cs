using System.Collections.Concurrent;
using System.Text;
using FaceCloud.Inference.Onnx;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>
/// An OpenTelemetry collector: takes what processes send over HTTP and keeps it. Numbers of fields are those of
/// <see href="https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto">the protocol</see>.
/// </summary>
public sealed class TelemetryReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<Span> _spans = [];
    private readonly ConcurrentQueue<Metric> _metrics = [];
    private readonly ConcurrentQueue<Log> _logs = [];
    private readonly ConcurrentQueue<byte[]> _received = [];
    private WebApplication? _app;

    public IReadOnlyCollection<Span> Spans => _spans;

    public IReadOnlyCollection<Metric> Metrics => _metrics;

    public IReadOnlyCollection<Log> Logs => _logs;

    /// <summary>What a process has to be told to send everything here, and soon.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _app!.Urls.First(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "200",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
    };

    public static async Task<TelemetryReceiver> StartAsync()
    {
        var receiver = new TelemetryReceiver();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = receiver._app = builder.Build();
        app.MapPost("/v1/traces", request => receiver.TakeAsync(request, (service, span) => receiver._spans.Enqueue(new Span(
            service, Hex(Only(span, 1)), Hex(Only(span, 2)), Hex(Only(span, 4)), Text(Only(span, 5)), Attributes(span, 9)))));
        app.MapPost("/v1/metrics", request => receiver.TakeAsync(request, (service, metric) =>
        {
            // A gauge, a sum, a histogram: points are field 1 of each, their attributes 7 and 9.
            var points = ProtobufReader.Fields(metric).Where(field => field.Number is 5 or 7 or 9)
                .SelectMany(data => ProtobufReader.Fields(data.Bytes)
                    .Where(field => field.Number == 1).Select(point => Attributes(point.Bytes, data.Number == 9 ? 9 : 7)));
            foreach (var tags in points)
            {
                receiver._metrics.Enqueue(new Metric(service, Text(Only(metric, 1)), tags));
            }
        }));
        app.MapPost("/v1/logs", request => receiver.TakeAsync(request, (service, log) => receiver._logs.Enqueue(new Log(
            service, Hex(Only(log, 9)), Value(Only(log, 5))))));
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Whether a text is anywhere in what was received.</summary>
    public bool Holds(string text) => _received.Any(body => body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    private async Task TakeAsync(HttpContext context, Action<string, ReadOnlyMemory<byte>> take)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _received.Enqueue(body.ToArray());

        // Resource, then scope, then span, metric or log.
        foreach (var resource in ProtobufReader.Fields(body.ToArray()).Where(field => field.Number == 1))
        {
            var service = Attributes(Only(resource.Bytes, 1), 1)["service.name"];
            foreach (var one in ProtobufReader.Fields(resource.Bytes).Where(field => field.Number == 2)
                .SelectMany(scope => ProtobufReader.Fields(scope.Bytes).Where(field => field.Number == 2)))
            {
                take(service, one.Bytes);
            }
        }
    }

    private static ReadOnlyMemory<byte> Only(ReadOnlyMemory<byte> message, int number) =>
        ProtobufReader.Fields(message).Where(field => field.Number == number).Select(field => field.Bytes).SingleOrDefault();

    private static Dictionary<string, string> Attributes(ReadOnlyMemory<byte> message, int number) => ProtobufReader.Fields(message)
        .Where(field => field.Number == number).ToDictionary(field => Text(Only(field.Bytes, 1)), field => Value(Only(field.Bytes, 2)));

    // A text, or a number.
    private static string Value(ReadOnlyMemory<byte> value) =>
        ProtobufReader.Fields(value).Select(field => field.Number == 1 ? Text(field.Bytes) : $"{field.Value}").SingleOrDefault("");

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);

    public sealed record Span(string Service, string TraceId, string Id, string ParentId, string Name, IReadOnlyDictionary<string, string> Tags);

    public sealed record Metric(string Service, string Name, IReadOnlyDictionary<string, string> Tags);

    public sealed record Log(string Service, string TraceId, string Body);
}
