using System.Text.Json;
using System.Text.Json.Serialization;

namespace FaceCloud.Inference;

/// <summary>The networks FaceCloud knows, in order of preference. <see cref="Default"/> is <c>models.json</c>, which is part of the program.</summary>
public sealed class ModelRegistry
{
    // A misspelt or forgotten field is an error, not a default.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        NumberHandling = JsonNumberHandling.Strict,
    };

    private static readonly Lazy<ModelRegistry> Embedded = new(() =>
    {
        using var stream = typeof(ModelRegistry).Assembly.GetManifestResourceStream("models.json")!;
        return Read(stream);
    });

    private ModelRegistry(IReadOnlyList<ModelDescription> models) => Models = models;

    /// <summary>The registry of this version of FaceCloud.</summary>
    public static ModelRegistry Default => Embedded.Value;

    /// <summary>The networks; of those with one role, the preferred first.</summary>
    public IReadOnlyList<ModelDescription> Models { get; }

    /// <summary>Reads and checks a registry.</summary>
    /// <exception cref="InvalidDataException">It is not JSON of this form, or an entry contradicts itself; the message names the entry.</exception>
    public static ModelRegistry Read(Stream json)
    {
        try
        {
            var models = JsonSerializer.Deserialize<RegistryFile>(json, Json)?.Models ?? throw new InvalidDataException("The model registry is empty.");
            foreach (var model in models)
            {
                Check(model);
            }

            return models.CountBy(model => model.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(name => name.Value > 1) is { Key: { } twice }
                ? throw new InvalidDataException($"The model registry has two entries named {twice}.")
                : new ModelRegistry(models);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"The model registry is not valid: {exception.Message}", exception);
        }
    }

    private static void Check(ModelDescription model)
    {
        Require(
            model.Name.Length > 0 && model.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'),
            "its name has other characters than a-z 0-9 _ . -");
        Require(model.File.Name == Path.GetFileName(model.File.Name) && model.File.Name.Length > 0, "the name of its file is not a plain file name");
        Require(model.File.Sha256.Length == 64 && model.File.Sha256.All(char.IsAsciiHexDigitLower), "its SHA-256 is not 64 lower-case hexadecimal digits");
        Require(model.File.Bytes > 0, "its file has no length");
        Require(model.Input.Std > 0, "its std is not positive");
        Require(model.Download is not { Address: null, Note: null, Package: null }, "it has neither an address to download from nor a note saying why");
        Require(model.Download.Address is null or { IsAbsoluteUri: true, Scheme: "https" }, "its address is not an https address");
        Require((model.Role == ModelRole.Recogniser) == model.Embedding is not null, "a recogniser, and no other, says what its embedding is");
        Require(
            model.Embedding is null or { Dimension: > 0, Calibration.K: > 0, Calibration.C0: > -1 and < 1 },
            "its embedding has no possible dimension and calibration");
        Require(
            model.Role == ModelRole.Detector ? model.Crop is null : model.Crop is { Side: > 0 },
            "a network that looks at one face, and no other, says how that is cut out");
        Require(RoleOf(model.Family) == model.Role, $"a network of its family is no {model.Role}");

        void Require(bool holds, string otherwise)
        {
            if (!holds)
            {
                throw new InvalidDataException($"The entry '{model.Name}' of the model registry is not valid: {otherwise}.");
            }
        }
    }

    private static ModelRole RoleOf(ModelFamily family) => family switch
    {
        ModelFamily.Scrfd or ModelFamily.YuNet or ModelFamily.Ssd => ModelRole.Detector,
        ModelFamily.ArcFace or ModelFamily.Fused => ModelRole.Recogniser,
        ModelFamily.GenderAge or ModelFamily.AgeGender => ModelRole.Attributes,
        ModelFamily.Landmarks68 => ModelRole.Landmarks,
        ModelFamily.Antispoof or ModelFamily.Liveness => ModelRole.Liveness,
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, null),
    };

    private sealed record RegistryFile(IReadOnlyList<ModelDescription> Models);
}
