using System.Text.Json;
using FaceCloud.Native;

namespace FaceCloud.Inference.OpenPack;

/// <summary>The weights of the open pack as the build laid them out beside the program (<c>native/stage.mjs</c>).</summary>
internal sealed class OpenPackFiles(string folder)
{
    public static OpenPackFiles Default { get; } = new(Path.Combine(NativeAssets.Folder, "open-pack"));

    public string Folder => folder;

    /// <summary>Weights of face-api, whose networks are defined in its code.</summary>
    public TensorFlowWeights FaceApi(string network)
    {
        using var manifest = Open($"{network}_model-weights_manifest.json");
        return TensorFlowWeights.Read(manifest.RootElement, File.ReadAllBytes(Path.Combine(folder, $"{network}_model.bin")));
    }

    /// <summary>A network of Human with its weights; dispose the first.</summary>
    public (JsonDocument Model, TensorFlowWeights Weights) Human(string network)
    {
        var model = Open($"{network}.json");
        return (model, TensorFlowWeights.Read(
            model.RootElement.GetProperty("weightsManifest"), File.ReadAllBytes(Path.Combine(folder, $"{network}.bin"))));
    }

    private JsonDocument Open(string file) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, file)));
}
