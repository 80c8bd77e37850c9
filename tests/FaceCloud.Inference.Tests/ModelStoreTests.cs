using System.Security.Cryptography;
using FaceCloud.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace FaceCloud.Inference.Tests;

public sealed class ModelStoreTests : IDisposable
{
    private const string YuNet = "face_detection_yunet_2023mar.onnx";
    private const string Scrfd = "det_500m.onnx";
    private const string Recogniser = "w600k_mbf.onnx";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("facecloud-models-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Without_a_models_folder_one_sentence_says_what_to_set()
    {
        Assert.Equal(
            "There are no networks to run: set FACECLOUD_MODELS or Models:Path to the folder that holds the model files.",
            Refusal(new ModelOptions(), ModelRole.Detector));
    }

    [Fact]
    public void A_models_folder_that_does_not_exist_is_named()
    {
        var missing = Path.Combine(_folder.FullName, "missing");

        Assert.Equal(
            $"The models folder '{missing}' does not exist: set FACECLOUD_MODELS or Models:Path to the folder that holds the model files.",
            Refusal(new ModelOptions { Path = missing }, ModelRole.Detector));
    }

    [Fact]
    public void An_empty_models_folder_is_answered_with_the_files_that_would_do()
    {
        var message = Refusal(Options(), ModelRole.Recogniser);

        Assert.Equal(
            $"'{_folder.FullName}' has no recogniser: put w600k_mbf.onnx there, or set FACECLOUD_MODELS or Models:Path to the folder that holds the model files.",
            message);
    }

    [Fact]
    public void Without_an_attribute_network_faces_have_no_age()
    {
        Assert.Null(Store(Options()).LoadIfPresent(ModelRole.Attributes));
    }

    [Fact]
    public void The_first_detector_that_is_present_and_acceptable_is_chosen()
    {
        Put(YuNet);
        Put(Scrfd);

        Assert.Equal("yunet", Store(Options()).Choose(ModelRole.Detector)!.Name);
        Assert.Equal("scrfd_500m", Store(Options(noncommercial: true)).Choose(ModelRole.Detector)!.Name);
    }

    [Fact]
    public void A_non_commercial_network_is_refused_with_the_setting_that_accepts_it()
    {
        Put(Recogniser);

        var message = Refusal(Options(), ModelRole.Recogniser);

        Assert.Contains("w600k_mbf (InsightFace weights: non-commercial research use only) does not allow commercial use", message, StringComparison.Ordinal);
        Assert.Contains("Models:AcceptLicenses=noncommercial (environment: Models__AcceptLicenses=noncommercial)", message, StringComparison.Ordinal);
        Assert.Null(Store(Options()).LoadIfPresent(ModelRole.Recogniser));
    }

    [Fact]
    public void A_non_commercial_network_asked_for_by_name_is_refused_though_another_would_do()
    {
        Put(YuNet);
        Put(Scrfd);
        var options = Options();
        options.Detector = "scrfd_500m";

        Assert.Contains("Models:AcceptLicenses=noncommercial", Refusal(options, ModelRole.Detector), StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_asked_for_by_name_and_absent_is_named()
    {
        Put(YuNet);
        var options = Options();
        options.Detector = "yunet_n";

        Assert.Equal($"Models:Detector=yunet_n needs the file yunet_n_dynamic.onnx, which is not in '{_folder.FullName}'.", Refusal(options, ModelRole.Detector));
    }

    [Fact]
    public void A_network_nobody_knows_is_answered_with_those_that_are_known()
    {
        var options = Options();
        options.Recogniser = "facenet";

        Assert.Equal("Models:Recogniser=facenet names no recogniser that FaceCloud knows; it knows w600k_mbf.", Refusal(options, ModelRole.Recogniser));
    }

    [Fact]
    public void A_file_with_another_hash_is_refused_with_both_hashes()
    {
        var actual = Convert.ToHexStringLower(SHA256.HashData(Put(YuNet)));

        var message = Refusal(Options(), ModelRole.Detector);

        Assert.Contains(Path.Combine(_folder.FullName, YuNet), message, StringComparison.Ordinal);
        Assert.Contains(actual, message, StringComparison.Ordinal);
        Assert.Contains("8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ModelRole.Detector, "scrfd_500m")]
    [InlineData(ModelRole.Recogniser, "w600k_mbf")]
    [InlineData(ModelRole.Attributes, "genderage_v1")]
    public void The_networks_load_and_are_ready_once_warm(ModelRole role, string name)
    {
        var options = new ModelOptions { Path = TestFiles.Models, AcceptLicenses = ["noncommercial"] };

        using var network = Store(options).Load(role);

        Assert.Equal(name, network.Description.Name);
        Assert.False(network.Ready);
        network.WarmUp(1, 3, 320, 320);
        Assert.True(network.Ready);
    }

    [Fact]
    public void Warming_up_with_another_number_of_dimensions_is_refused()
    {
        using var network = Store(new ModelOptions { Path = TestFiles.Models }).Load(ModelRole.Detector);

        Assert.Throws<ArgumentException>(() => network.WarmUp(640, 640));
        Assert.False(network.Ready);
    }

    private static string Refusal(ModelOptions options, ModelRole role) =>
        Assert.Throws<ModelUnavailableException>(() => Store(options).Load(role)).Message;

    private static ModelStore Store(ModelOptions options) => new(Microsoft.Extensions.Options.Options.Create(options), ModelRegistry.Default, NullLogger<ModelStore>.Instance);

    private ModelOptions Options(bool noncommercial = false) =>
        new() { Path = _folder.FullName, AcceptLicenses = noncommercial ? ["noncommercial"] : [] };

    private byte[] Put(string file)
    {
        var content = "not the network"u8.ToArray();
        File.WriteAllBytes(Path.Combine(_folder.FullName, file), content);
        return content;
    }
}
