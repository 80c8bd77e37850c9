using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>A fresh machine: no folder with networks, no setting; what runs is made of weights that came with the program and that anyone may use.</summary>
public sealed class OpenPackTests(ITestOutputHelper output)
{
    /// <summary>Unsets what the other tests set.</summary>
    internal static readonly IReadOnlyDictionary<string, string> NoSettings =
        new Dictionary<string, string> { ["FACECLOUD_MODELS"] = "", ["Models__AcceptLicenses"] = "" };

    [Fact]
    public async Task Without_networks_and_settings_it_starts_enrols_and_recognises()
    {
        var people = People.WithSeveralPhotos.Take(8).ToList();
        using var data = new DataFolder();
        await using (var facecloud = await FaceCloudProcess.StartAsync(data.Path, NoSettings))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"First start, with making the networks: {facecloud.StartedIn.TotalSeconds:F1} s."));
            var health = (await facecloud.Http.GetFromJsonAsync<JsonObject>("/health"))!;
            Assert.Equal("ssd_mobilenetv1", (string?)health["detection_model"]);
            Assert.Equal("open_512", (string?)health["recognition_model"]);
            Assert.Equal("age_gender", (string?)health["attributes_model"]);
            var networks = health["detection_networks"]!.AsArray().Concat(health["recognition_networks"]!.AsArray()).ToList();
            Assert.Equal(["detector", "landmarks", "attributes", "recogniser"], networks.Select(network => (string?)network!["role"]));
            Assert.All(networks, network => Assert.Equal("MIT", (string?)network!["licence"]));
            Assert.All(networks, network => Assert.Equal(64, ((string)network!["sha256"]!).Length));
            foreach (var (name, photos) in people)
            {
                await facecloud.Http.AddAsync(name, photos[0]);
            }

            await AssertRecognisesAsync(facecloud);
        }

        // The networks are kept, and so is who was enrolled.
        Assert.Equal(
            ["age_gender.onnx", "face_landmark_68.onnx", "open_512.onnx", "ssd_mobilenetv1.onnx"],
            Directory.GetFiles(Path.Combine(data.Path, "models")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        await using var again = await FaceCloudProcess.StartAsync(data.Path, NoSettings);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Second start: {again.StartedIn.TotalSeconds:F1} s."));
        await AssertRecognisesAsync(again);

        async Task AssertRecognisesAsync(FaceCloudProcess facecloud)
        {
            var named = new List<string>();
            foreach (var (_, photos) in people)
            {
                var face = (await facecloud.Http.RecognizeAsync(photos[1]))["faces"]![0]!;
                named.Add((string)face["identity"]!);
                Assert.Equal(("open_512", "MIT", 64), ((string?)face["model"], (string?)face["model_licence"], ((string)face["model_sha256"]!).Length));
            }

            var right = people.Zip(named, (person, name) => person.Name == name).Count(isRight => isRight);
            output.WriteLine($"{right} of {people.Count} named rightly.");
            Assert.True(right >= 6);
            Assert.All(people.Zip(named), pair => Assert.Contains(pair.Second, new[] { pair.First.Name, "Unknown" }));
        }
    }
}
