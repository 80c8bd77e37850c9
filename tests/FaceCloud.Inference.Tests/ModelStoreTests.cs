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

    [Theory]
    [InlineData(ModelRole.Detector, "ssd_mobilenetv1")]
    [InlineData(ModelRole.Landmarks, "face_landmark_68")]
    [InlineData(ModelRole.Recogniser, "open_512")]
    [InlineData(ModelRole.Attributes, "age_gender")]
    public void Without_a_models_folder_and_with_an_empty_one_the_open_pack_is_chosen(ModelRole role, string name)
    {
        Assert.Equal(name, Store(new ModelOptions()).Choose(role)!.Name);
        Assert.Equal(name, Store(Options()).Choose(role)!.Name);
    }

    [Theory]
    [InlineData(ModelRole.Detector)]
    [InlineData(ModelRole.Landmarks)]
    [InlineData(ModelRole.Recogniser)]
    [InlineData(ModelRole.Attributes)]
    [InlineData(ModelRole.Liveness)]
    public void A_network_of_the_open_pack_is_made_once_and_kept(ModelRole role)
    {
        var made = Path.Combine(_folder.FullName, "made");
        var options = new ModelOptions { Made = made };
        var model = Store(options).Choose(role)!;
        var bytes = Store(options).Read(model);
        var file = new FileInfo(Path.Combine(made, model.File.Name));
        var written = file.LastWriteTimeUtc;

        Assert.Equal((model.File.Sha256, model.File.Bytes), (Convert.ToHexStringLower(SHA256.HashData(bytes)), file.Length));
        using (var network = Store(options).Load(role))
        {
            network.WarmUp(1, 3, 64, 64);
            Assert.True(network.Ready);
        }

        file.Refresh();
        Assert.Equal(written, file.LastWriteTimeUtc);
        Assert.Equal([model.File.Name], new DirectoryInfo(made).GetFiles().Select(kept => kept.Name));
    }

    [Fact]
    public void Every_network_that_is_made_has_the_bytes_of_its_entry() =>
        Assert.All(ModelRegistry.Default.Models.Where(model => model.IsMade), model =>
        {
            var bytes = Store(new ModelOptions()).Read(model);
            Assert.Equal((model.File.Sha256, model.File.Bytes), (Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Length));
            InferenceSession.Load(bytes).Dispose();
        });

    [Fact]
    public void A_kept_network_that_was_damaged_is_made_anew()
    {
        var options = new ModelOptions { Made = _folder.FullName, Path = _folder.FullName };
        var model = Store(options).Choose(ModelRole.Attributes)!;
        Put(model.File.Name);

        Store(options).Load(ModelRole.Attributes).Dispose();

        Assert.Equal(model.File.Sha256, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(_folder.FullName, model.File.Name)))));
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
    public void A_role_without_a_network_is_answered_with_the_files_that_would_do()
    {
        using var json = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(ModelRegistryTests.Registry));
        var store = new ModelStore(Microsoft.Extensions.Options.Options.Create(Options()), ModelRegistry.Read(json), NullLogger<ModelStore>.Instance);

        Assert.Equal(
            $"'{_folder.FullName}' has no recogniser: put r.onnx there, or set FACECLOUD_MODELS or Models:Path to the folder that holds the model files.",
            Assert.Throws<ModelUnavailableException>(() => store.Load(ModelRole.Recogniser)).Message);
        Assert.Null(store.LoadIfPresent(ModelRole.Attributes));
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
    public void A_non_commercial_network_runs_only_where_it_was_accepted_and_then_before_the_open_pack()
    {
        Put(Recogniser);

        Assert.Equal("open_512", Store(Options()).Choose(ModelRole.Recogniser)!.Name);
        Assert.Equal("w600k_mbf", Store(Options(noncommercial: true)).Choose(ModelRole.Recogniser)!.Name);
    }

    [Fact]
    public void A_non_commercial_network_is_refused_with_the_setting_that_accepts_it()
    {
        Put(Recogniser);
        var options = Options();
        options.Recogniser = "w600k_mbf";

        var message = Refusal(options, ModelRole.Recogniser);

        Assert.Contains("w600k_mbf (InsightFace weights: non-commercial research use only) does not allow commercial use", message, StringComparison.Ordinal);
        Assert.Contains("Models:AcceptLicenses=noncommercial (environment: Models__AcceptLicenses=noncommercial)", message, StringComparison.Ordinal);
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

        Assert.Equal(
            $"Models:Detector=yunet_n needs the file yunet_n_dynamic.onnx, which is not in '{_folder.FullName}'.",
            Refusal(options, ModelRole.Detector));
    }

    [Fact]
    public void A_network_nobody_knows_is_answered_with_those_that_are_known()
    {
        var options = Options();
        options.Recogniser = "facenet";

        Assert.Equal(
            "Models:Recogniser=facenet names no recogniser that FaceCloud knows; it knows w600k_mbf, open_512.",
            Refusal(options, ModelRole.Recogniser));
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
    [InlineData(ModelRole.Attributes, "age_gender")]
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

    private static ModelStore Store(ModelOptions options) =>
        new(Microsoft.Extensions.Options.Options.Create(options), ModelRegistry.Default, NullLogger<ModelStore>.Instance);

    private ModelOptions Options(bool noncommercial = false) =>
        new() { Path = _folder.FullName, AcceptLicenses = noncommercial ? ["noncommercial"] : [] };

    private byte[] Put(string file)
    {
        var content = "not the network"u8.ToArray();
        File.WriteAllBytes(Path.Combine(_folder.FullName, file), content);
        return content;
    }
}
