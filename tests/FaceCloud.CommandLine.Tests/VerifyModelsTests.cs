using FaceCloud.Inference;
using FaceCloud.Standalone.Commands;
using FaceCloud.Standalone.Commands.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FaceCloud.CommandLine.Tests;

/// <summary>What <c>models verify</c> and <c>models list</c> see in a folder.</summary>
public sealed class VerifyModelsTests : IDisposable
{
    private static readonly ModelDescription YuNet = ModelRegistry.Default.Models.Single(model => model.Name == "yunet");

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_empty_folder_holds_nothing_wrong() =>
        Assert.Equal(0, await VerifyModels.RunAsync(Settings(), TestContext.Current.CancellationToken));

    [Fact]
    public async Task A_file_with_other_bytes_is_wrong()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, YuNet.File.Name), "not the network");
        Assert.Equal(PresentFile.Wrong, await PresentFiles.OfAsync(Settings().PathOf(YuNet), YuNet, TestContext.Current.CancellationToken));
        Assert.Equal(CommandRun.SomeFailed, await VerifyModels.RunAsync(Settings(), TestContext.Current.CancellationToken));
        Assert.Equal(0, await ListModels.RunAsync(Settings(), TestContext.Current.CancellationToken));
    }

    private ModelSettings Settings() => new(
        _folder.Path,
        false,
        new ModelStore(Options.Create(new ModelOptions { Path = _folder.Path }), ModelRegistry.Default, NullLogger<ModelStore>.Instance),
        ModelRegistry.Default);
}
