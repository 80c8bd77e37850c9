using System.Text;
using System.Text.Json.Nodes;
using FaceCloud.Testing;

namespace FaceCloud.Inference.Tests;

public sealed class ModelRegistryTests
{
    private const string Recogniser = """
        {
          "name": "r", "role": "recogniser", "family": "arcface", "source": "s", "accuracy": "a",
          "file": { "name": "r.onnx", "sha256": "0000000000000000000000000000000000000000000000000000000000000000", "bytes": 1 },
          "input": { "channels": "rgb", "mean": 0, "std": 1 },
          "crop": { "geometry": "arcface", "side": 112 },
          "embedding": { "dimension": 512, "calibration": { "c0": 0.3, "k": 14, "basis": "b" } },
          "licence": { "name": "MIT", "commercial": true },
          "download": { "address": "https://example.org/r.onnx" }
        }
        """;

    /// <summary>A registry of one recogniser that nobody makes.</summary>
    internal static string Registry => $$"""{ "models": [{{Recogniser}}] }""";

    [Fact]
    public void The_registry_prefers_scrfd_500m_and_after_it_detectors_that_anyone_may_use()
    {
        var detectors = ModelRegistry.Default.Models.Where(model => model.Role == ModelRole.Detector).Select(model => model.Name);

        Assert.Equal(["scrfd_500m", "yunet", "yunet_n", "scrfd_2.5g", "ssd_mobilenetv1"], detectors);
    }

    [Fact]
    public void The_recogniser_is_described_as_other_services_know_it()
    {
        var recogniser = ModelRegistry.Default.Models.Single(model => model.Name == "w600k_mbf").ToRecogniser();

        Assert.Equal(("w600k_mbf", 512, 0.5), (recogniser.Name, recogniser.Dimension, recogniser.Calibration.Similarity(0.294)));
        Assert.Throws<InvalidOperationException>(() => ModelRegistry.Default.Models[0].ToRecogniser());
    }

    [Fact]
    public void For_every_role_there_is_a_network_that_anyone_has_and_may_use() =>
        Assert.All(Enum.GetValues<ModelRole>(), role => Assert.Contains(
            ModelRegistry.Default.Models, model => model.Role == role && model.IsMade && model.Licence.Commercial));

    [Fact]
    public void Every_file_of_the_registry_is_the_one_it_was_measured_with()
    {
        var folder = TestFiles.Models;

        Assert.All(
            ModelRegistry.Default.Models.Where(model => !model.IsMade),
            model => Assert.Equal(model.File.Bytes, new FileInfo(Path.Combine(folder, model.File.Name)).Length));
    }

    [Fact]
    public void A_complete_entry_is_read()
    {
        Assert.Equal("r", Assert.Single(Read(Recogniser).Models).Name);
    }

    [Fact]
    public void An_unknown_field_is_refused()
    {
        Assert.Contains("'r'", Refusal(entry => entry["name"] = "r", entry => entry["file"]!["sha256"] = "abc"), StringComparison.Ordinal);
        Assert.Contains("licens", Refusal(entry => entry["license"] = "MIT"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name")]
    [InlineData("role")]
    [InlineData("family")]
    [InlineData("file")]
    [InlineData("input")]
    [InlineData("licence")]
    [InlineData("download")]
    public void A_missing_field_is_refused(string field)
    {
        Assert.Contains(field, Refusal(entry => entry.Remove(field)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_that_contradicts_itself_is_refused_by_name()
    {
        Assert.Contains("'a/b'", Refusal(entry => entry["name"] = "a/b"), StringComparison.Ordinal);
        Assert.Contains("plain file name", Refusal(entry => entry["file"]!["name"] = "../r.onnx"), StringComparison.Ordinal);
        Assert.Contains("SHA-256", Refusal(entry => entry["file"]!["sha256"] = new string('G', 64)), StringComparison.Ordinal);
        Assert.Contains("no length", Refusal(entry => entry["file"]!["bytes"] = 0), StringComparison.Ordinal);
        Assert.Contains("std", Refusal(entry => entry["input"]!["std"] = 0), StringComparison.Ordinal);
        Assert.Contains("embedding", Refusal(entry => entry.Remove("embedding")), StringComparison.Ordinal);
        Assert.Contains("calibration", Refusal(entry => entry["embedding"]!["calibration"]!["k"] = 0), StringComparison.Ordinal);
        Assert.Contains("cut out", Refusal(entry => entry.Remove("crop")), StringComparison.Ordinal);
        Assert.Contains("note saying why", Refusal(entry => entry["download"] = new JsonObject()), StringComparison.Ordinal);
        Assert.Contains("https", Refusal(entry => entry["download"]!["address"] = "http://example.org/r.onnx"), StringComparison.Ordinal);
        Assert.Contains("family", Refusal(entry => entry["family"] = "yunet"), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_entries_of_one_name_are_refused()
    {
        Assert.Contains("two entries named r", Assert.Throws<InvalidDataException>(() => Read($"{Recogniser},{Recogniser}")).Message, StringComparison.Ordinal);
    }

    private static string Refusal(params Action<JsonObject>[] changes)
    {
        var entry = JsonNode.Parse(Recogniser)!.AsObject();
        foreach (var change in changes)
        {
            change(entry);
        }

        return Assert.Throws<InvalidDataException>(() => Read(entry.ToJsonString())).Message;
    }

    private static ModelRegistry Read(string entries) => ModelRegistry.Read(new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "models": [{{entries}}] }""")));
}
