using FaceCloud.Inference;
using FaceCloud.Standalone.Commands;
using FaceCloud.Standalone.Commands.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FaceCloud.CommandLine.Tests;

/// <summary>What <c>models pull</c> downloads and what it does not even try.</summary>
public sealed class PullModelsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_network_nobody_knows_is_answered_with_those_that_are_known() =>
        Assert.Contains("it knows scrfd_500m", (await Assert.ThrowsAsync<CommandException>(() => PullAsync(["facenet"]))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Without_a_name_or_with_both_a_name_and_all_it_asks_for_one()
    {
        await Assert.ThrowsAsync<CommandException>(() => PullAsync([]));
        await Assert.ThrowsAsync<CommandException>(() => PullAsync(["yunet"], all: true));
    }

    [Theory]
    [InlineData("w600k_mbf", true)]
    [InlineData("w600k_mbf", false)]
    [InlineData("scrfd_500m", false)]
    public async Task Without_an_address_or_without_acceptance_nothing_is_downloaded(string name, bool accepted)
    {
        Assert.Equal(CommandRun.SomeFailed, await PullAsync([name], accepted: accepted));
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public async Task A_network_of_the_open_pack_is_made_without_a_download()
    {
        Assert.Equal(0, await PullAsync(["age_gender"], accepted: false));
        Assert.Equal(["age_gender.onnx"], _folder.Files);
    }

    [Fact]
    public void The_sentence_about_the_licence_is_the_servers() =>
        Assert.Equal(
            "The licence of w600k_mbf (InsightFace weights: non-commercial research use only) does not allow commercial use. If that suits you, accept it "
            + "with Models:AcceptLicenses=noncommercial (environment: Models__AcceptLicenses=noncommercial).",
            Settings(accepted: false).Store.WhyNotAccepted(ModelRegistry.Default.Models.Single(model => model.Name == "w600k_mbf")));

    private ModelSettings Settings(bool accepted)
    {
        var options = new ModelOptions { Path = _folder.Path, Made = _folder.Path, AcceptLicenses = accepted ? [ModelOptions.NonCommercial] : [] };
        return new ModelSettings(
            _folder.Path,
            false,
            new ModelStore(Options.Create(options), ModelRegistry.Default, NullLogger<ModelStore>.Instance),
            ModelRegistry.Default);
    }

    private Task<int> PullAsync(string[] names, bool all = false, bool accepted = true) =>
        PullModels.RunAsync(Settings(accepted), names, all, TestContext.Current.CancellationToken);
}
