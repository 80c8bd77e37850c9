using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using FaceCloud.Contracts;
using FaceCloud.EmbeddedPostgres;
using FaceCloud.EndToEnd.Tests;
using FaceCloud.Inference;
using Microsoft.Extensions.Logging.Abstractions;

namespace FaceCloud.Benchmarks;

/// <summary>
/// What the gateway adds to a call: the same request to the detection service directly and through the gateway, in turn, one caller, each a process of
/// its own; without credentials, with a token and with an API key, which is looked up in PostgreSQL. Run it with <c>gateway</c>; needs
/// FACECLOUD_MODELS and FACECLOUD_PHOTOS.
/// </summary>
internal static class GatewayCost
{
    private const int WarmUp = 100;
    private const int Calls = 400;
    private const double Limit = 2;

    public static async Task<int> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("facecloud-benchmark-");
        try
        {
            await using var postgres = await EmbeddedPostgres.EmbeddedPostgres.StartAsync(
                new EmbeddedPostgresOptions { DataFolder = Path.Combine(folder.FullName, "data") }, NullLogger.Instance);
            var secret = RandomNumberGenerator.GetBytes(32);
            var settings = new Dictionary<string, string>
            {
                ["Models__Path"] = Environment.GetEnvironmentVariable(ModelOptions.PathVariable)!,
                ["Models__AcceptLicenses"] = ModelOptions.NonCommercial,
                ["Auth__SigningKey"] = Convert.ToBase64String(secret),
                [$"ConnectionStrings__{ServiceNames.IdentityDb}"] = postgres.ConnectionString,
            };
            await using var detection = new ServiceProcess(ServiceProcess.Built("FaceCloud.Detection"), settings);
            var direct = await detection.StartAsync();
            foreach (var service in (string[])[ServiceNames.Detection, ServiceNames.Embedding, ServiceNames.VectorSearch, ServiceNames.Identity, "quality"])
            {
                settings[$"services__{service}__http__0"] = direct.AbsoluteUri; // one answers every probe
            }

            await using var gateway = new ServiceProcess(ServiceProcess.Built("FaceCloud.Gateway"), settings);
            var through = await gateway.StartAsync();
            return await MeasureAsync(direct, through, secret);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<int> MeasureAsync(Uri direct, Uri through, byte[] secret)
    {
        using var http = new HttpClient();
        var token = new HandMadeToken { Role = "admin" }.SignWith(secret);
        var key = await KeyAsync(http, through, token);
        Action<HttpRequestHeaders>[] callers =
        [
            _ => { },
            headers => headers.Authorization = new AuthenticationHeaderValue("Bearer", token),
            headers => headers.Add("X-Api-Key", key),
        ];
        string[] names = ["nobody", "token", "API key"];
        var slow = 0;
        foreach (var photo in (string[])[First("people"), First("groups")])
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(new { image = Convert.ToBase64String(await File.ReadAllBytesAsync(photo)) });
            var times = Enumerable.Range(0, callers.Length + 1).Select(_ => new List<double>()).ToArray();
            for (var i = 0; i < WarmUp + Calls; i++)
            {
                times[0].Add(await TimeAsync(http, direct, body, callers[0]));
                for (var caller = 0; caller < callers.Length; caller++)
                {
                    times[caller + 1].Add(await TimeAsync(http, through, body, callers[caller]));
                }
            }

            var medians = times.Select(some => some.Skip(WarmUp).Order().ElementAt(Calls / 2)).ToArray();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{body.Length / 1024} KB, directly: {medians[0]:F2} ms"));
            for (var caller = 0; caller < callers.Length; caller++)
            {
                var added = medians[caller + 1] - medians[0];
                slow += added > Limit ? 1 : 0;
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"    through the gateway, {names[caller],-8} {medians[caller + 1]:F2} ms: "
                        + $"{added:F2} ms more{(added > Limit ? $", over {Limit}" : "")}"));
            }
        }

        return slow == 0 ? 0 : 1;
    }

    /// <summary>The first photo of a set.</summary>
    public static string First(string set) => Directory
        .EnumerateFiles(Path.Combine(Environment.GetEnvironmentVariable("FACECLOUD_PHOTOS")!, set), "*.jpg", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).First();

    private static async Task<string> KeyAsync(HttpClient http, Uri through, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(through, "/api/v1/auth/keys"))
        {
            Content = JsonContent.Create(new { name = "benchmark", role = "viewer" })
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("key").GetString()!;
    }

    private static async Task<double> TimeAsync(HttpClient http, Uri address, byte[] body, Action<HttpRequestHeaders> sign)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, "/v1/detect")) { Content = content };
        sign(request.Headers);
        var started = Stopwatch.GetTimestamp();
        using var response = await http.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        var time = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return response.IsSuccessStatusCode ? time : throw new InvalidOperationException($"{address} answers {(int)response.StatusCode}.");
    }
}
