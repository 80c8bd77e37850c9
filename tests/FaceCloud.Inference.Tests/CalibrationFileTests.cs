using Microsoft.Extensions.Logging.Abstractions;

namespace FaceCloud.Inference.Tests;

public sealed class CalibrationFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("facecloud-calibrations-");

    private static CalibrationFile Own => new("w600k_mbf", 0.25, 12.5, "two photos", 1, 1, DateTimeOffset.UnixEpoch);

    private string Calibrations => Path.Combine(_folder.FullName, "calibrations");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_calibration_of_ones_own_replaces_that_of_the_registry()
    {
        var path = Own.Save(Calibrations);

        Assert.Equal(Own, CalibrationFile.ReadIfPresent(Calibrations, "w600k_mbf"));
        Assert.Equal([path], Directory.GetFiles(Calibrations));
        var recogniser = Chosen(Calibrations)!;
        Assert.Equal("two photos", recogniser.Embedding!.Calibration.Basis);
        Assert.Equal((0.25, 12.5), (recogniser.ToRecogniser().Calibration.C0, recogniser.ToRecogniser().Calibration.K));
    }

    [Fact]
    public void A_later_calibration_replaces_the_earlier()
    {
        Own.Save(Calibrations);
        (Own with { C0 = 0.3 }).Save(Calibrations);

        Assert.Equal(0.3, CalibrationFile.ReadIfPresent(Calibrations, "w600k_mbf")!.C0);
    }

    [Fact]
    public void Without_one_the_registrys_holds()
    {
        Assert.Equal(0.294, Chosen(null)!.Embedding!.Calibration.C0);
        Assert.Equal(0.294, Chosen(Calibrations)!.Embedding!.Calibration.C0);
        (Own with { Recogniser = "another" }).Save(Calibrations);
        Assert.Equal(0.294, Chosen(Calibrations)!.Embedding!.Calibration.C0);
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("null", "it is empty")]
    [InlineData("""{"recogniser":"w600k_mbf"}""", "c0")]
    [InlineData(
        """{"recogniser":"w600k_mbf","c0":0.3,"k":0,"basis":"b","genuinePairs":1,"impostorPairs":1,"measuredAt":"2026-01-01T00:00:00Z"}""",
        "k is not positive")]
    [InlineData(
        """{"recogniser":"w600k_mbf","c0":0.3,"k":1e999,"basis":"b","genuinePairs":1,"impostorPairs":1,"measuredAt":"2026-01-01T00:00:00Z"}""",
        "k is not positive")]
    [InlineData(
        """{"recogniser":"w600k_mbf","c0":1,"k":14,"basis":"b","genuinePairs":1,"impostorPairs":1,"measuredAt":"2026-01-01T00:00:00Z"}""",
        "c0 is not between")]
    [InlineData(
        """{"recogniser":"another","c0":0.3,"k":14,"basis":"b","genuinePairs":1,"impostorPairs":1,"measuredAt":"2026-01-01T00:00:00Z"}""",
        "it is of another")]
    public void One_that_cannot_be_meant_is_refused_with_one_sentence(string content, string says)
    {
        var path = CalibrationFile.PathIn(Directory.CreateDirectory(Calibrations).FullName, "w600k_mbf");
        File.WriteAllText(path, content);

        var message = Assert.Throws<ModelUnavailableException>(() => Chosen(Calibrations)).Message;

        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.Contains("facecloud calibrate", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private ModelDescription? Chosen(string? calibrations)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "w600k_mbf.onnx"), "not the network");
        var options = new ModelOptions { Path = _folder.FullName, Calibrations = calibrations, AcceptLicenses = ["noncommercial"] };
        return new ModelStore(Microsoft.Extensions.Options.Options.Create(options), ModelRegistry.Default, NullLogger<ModelStore>.Instance)
            .Choose(ModelRole.Recogniser);
    }
}
