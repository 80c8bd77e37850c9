using System.Diagnostics;
using System.Globalization;
using FaceCloud.Contracts;
using FaceCloud.Contracts.Clients;
using FaceCloud.Contracts.Ports;
using FaceCloud.EndToEnd.Tests;
using FaceCloud.Inference;
using FaceCloud.ServiceDefaults.Calls;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FaceCloud.Benchmarks;

/// <summary>
/// HTTP/2 against HTTP/1.1 between services: the faces of a photo and their embeddings, asked of the detection and the embedding service as identity
/// asks them, over the one and the other in turn, one caller and several at once. Run it with <c>calls</c>; needs FACECLOUD_MODELS and
/// FACECLOUD_PHOTOS.
/// </summary>
internal static class CallCost
{
    private const int WarmUp = 5;
    private const int Rounds = 20;
    private const int CallsEach = 5;

    private static readonly string[] Services = [ServiceNames.Detection, ServiceNames.Embedding];
    private static readonly string[] Endpoints = ["http", "http2"];

    public static async Task<int> RunAsync()
    {
        var settings = new Dictionary<string, string>
        {
            ["Models__Path"] = Environment.GetEnvironmentVariable(ModelOptions.PathVariable)!,
            ["Models__AcceptLicenses"] = ModelOptions.NonCommercial,
        };
        foreach (var endpoint in Endpoints)
        {
            settings[$"Kestrel__Endpoints__{endpoint}__Url"] = ServiceProcess.AnyPort;
        }

        settings["Kestrel__Endpoints__http2__Protocols"] = "Http2";
        await using var detection = new ServiceProcess(ServiceProcess.Built("FaceCloud.Detection"), settings, url: null);
        settings[$"services__{ServiceNames.Detection}__http__0"] = (await detection.StartAsync()).AbsoluteUri;
        await using var embedding = new ServiceProcess(ServiceProcess.Built("FaceCloud.Embedding"), settings, url: null);
        await embedding.StartAsync();

        ServiceProcess[] processes = [detection, embedding];
        using var http = Client(processes, 0);
        using var http2 = Client(processes, 1);
        foreach (var photo in (string[])[GatewayCost.First("people"), GatewayCost.First("groups")])
        {
            var image = await File.ReadAllBytesAsync(photo);
            foreach (var callers in (int[])[1, 8])
            {
                await MeasureAsync(http.Services, http2.Services, image, callers);
            }
        }

        return 0;
    }

    private static async Task MeasureAsync(IServiceProvider http, IServiceProvider http2, byte[] image, int callers)
    {
        var times = (Http: new List<double>(), Http2: new List<double>());
        for (var i = 0; i < WarmUp + Rounds; i++)
        {
            times.Http.Add(await TimeAsync(http, image, callers));
            times.Http2.Add(await TimeAsync(http2, image, callers));
        }

        var (one, two) = (Median(times.Http), Median(times.Http2));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{image.Length / 1024,4} KB, {callers} at once: {one:F2} ms over HTTP/1.1, {two:F2} ms over HTTP/2: {two / one:F3} times as long"));
    }

    /// <summary>Milliseconds of a photo, as the callers together get through them.</summary>
    private static async Task<double> TimeAsync(IServiceProvider services, byte[] image, int callers)
    {
        var (detector, embedder) = (services.GetRequiredService<IFaceDetector>(), services.GetRequiredService<IFaceEmbedder>());
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            for (var i = 0; i < CallsEach; i++)
            {
                var found = await detector.DetectAsync(image, new DetectionRequest(Crops: true), CancellationToken.None);
                await embedder.EmbedAsync([.. found.Faces.Select(face => face.Crop!)], CancellationToken.None);
            }
        }));
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds / (callers * CallsEach);
    }

    private static double Median(IEnumerable<double> times) => times.Skip(WarmUp).Order().ElementAt(Rounds / 2);

    /// <summary>As the identity service has it, told of one of the addresses of each service.</summary>
    private static IHost Client(ServiceProcess[] processes, int endpoint)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(Services.Zip(processes).Select(
            service => KeyValuePair.Create($"services:{service.First}:{Endpoints[endpoint]}:0", (string?)service.Second.Addresses[endpoint].AbsoluteUri)));
        builder.AddServiceClient<IFaceDetector, HttpFaceDetector>(ServiceNames.Detection);
        builder.AddServiceClient<IFaceEmbedder, HttpFaceEmbedder>(ServiceNames.Embedding);
        return builder.Build();
    }
}
