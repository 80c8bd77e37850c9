using System.Security.Cryptography;
using FaceCloud.Inference.Onnx;
using FaceCloud.Inference.OpenPack;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FaceCloud.Inference;

/// <summary>
/// Chooses a network for a role among the files of the models folder and those that FaceCloud makes itself, and loads it. A file is used only if
/// its SHA-256 is the registry's: a network that was exchanged or cut off would answer, but wrongly. A non-commercial network is used only if the
/// operator accepts that.
/// </summary>
public sealed class ModelStore(IOptions<ModelOptions> options, ModelRegistry registry, ILogger<ModelStore> logger)
{
    private const string WhatToSet =
        $"set {ModelOptions.PathVariable} or {ModelOptions.Section}:{nameof(ModelOptions.Path)} to the folder that holds the model files";

    private static readonly string HowToAccept =
        $"If that suits you, accept it with {ModelOptions.Section}:{nameof(ModelOptions.AcceptLicenses)}={ModelOptions.NonCommercial} "
        + $"(environment: {ModelOptions.Section}__{nameof(ModelOptions.AcceptLicenses)}={ModelOptions.NonCommercial}).";

    private readonly ModelOptions _options = options.Value;

    /// <summary>Loads the network of a role that the service cannot do without.</summary>
    /// <exception cref="ModelUnavailableException">There is none, or what was asked for cannot be used; the message says what to do.</exception>
    public Network Load(ModelRole role) => LoadIfPresent(role) ?? throw new ModelUnavailableException(WhyNone(role));

    /// <summary>Loads the network of a role that the service can do without.</summary>
    /// <returns>Null if the settings name none and no usable file is there.</returns>
    /// <exception cref="ModelUnavailableException">
    /// The network that the settings name, or the one chosen, cannot be used; the message says what to do.
    /// </exception>
    public Network? LoadIfPresent(ModelRole role)
    {
        if (Choose(role) is not { } model)
        {
            return null;
        }

        var file = Read(model);
        try
        {
            var runnable = _options.Provider == InferenceProvider.Cpu ? PReluRewrite.Apply(file) : file;
            var session = InferenceSession.Load(runnable.Span, _options.Provider, model.Name);
            logger.LogInformation("{Role} is {Model} on {Provider}", role, model.Name, session.Provider);
            return new Network(model, session, new WorkQueue(Word(role), _options.Cores, _options.Cores * _options.QueuePerCore));
        }
        catch (Exception exception) when (exception is OnnxRuntimeException or NotSupportedException or DllNotFoundException)
        {
            throw new ModelUnavailableException($"The network {model.Name} does not load: {exception.Message}", exception);
        }
    }

    /// <summary>Says at once, without loading anything, that a network the services cannot do without is not there or not accepted.</summary>
    /// <exception cref="ModelUnavailableException">As from <see cref="Load"/>.</exception>
    public void Check()
    {
        foreach (var role in new[] { ModelRole.Detector, ModelRole.Recogniser })
        {
            _ = Choose(role) ?? throw new ModelUnavailableException(WhyNone(role));
        }
    }

    /// <summary>
    /// The network a role would be loaded from, or null if the settings name none and no usable file is there. A calibration of the operator's own is
    /// in it.
    /// </summary>
    /// <exception cref="ModelUnavailableException">
    /// The models folder is not there, or the network that the settings name or its calibration cannot be used.
    /// </exception>
    public ModelDescription? Choose(ModelRole role) => AsRegistered(role) is { } model ? Calibrated(model) : null;

    private ModelDescription? AsRegistered(ModelRole role)
    {
        if (_options.NameFor(role) is { } name)
        {
            return Named(role, name);
        }

        var present = Present(role).ToList();
        foreach (var model in present.Where(model => !_options.Accepts(model.Licence)))
        {
            logger.LogInformation("{Model} is present and not used: {Licence}. {HowToAccept}", model.Name, model.Licence.Name, HowToAccept);
        }

        return present.FirstOrDefault(model => _options.Accepts(model.Licence));
    }

    /// <summary>Why the licence of a network keeps it from being used, and what to set; null if it does not.</summary>
    public string? WhyNotAccepted(ModelDescription model) => _options.Accepts(model.Licence) ? null : NotAccepted(model);

    /// <summary>Where the file of a network is that FaceCloud makes, or would be; null if it keeps none.</summary>
    public string? PathOfMade(ModelDescription model) => Given(model) ?? Kept(model);

    /// <summary>The bytes of a network's file; one that FaceCloud makes is made and kept if it is not there, or not what it should be.</summary>
    /// <exception cref="ModelUnavailableException">They cannot be read, or have another SHA-256 than the registry says.</exception>
    public byte[] Read(ModelDescription model)
    {
        if (!model.IsMade || (Given(model) is { } given && given != Kept(model)))
        {
            return ReadVerified(model, Path.Combine(Folder(), model.File.Name));
        }

        if (Kept(model) is { } kept && File.Exists(kept) && File.ReadAllBytes(kept) is var bytes && HashOf(bytes) == model.File.Sha256)
        {
            return bytes;
        }

        return Make(model);
    }

    private byte[] Make(ModelDescription model)
    {
        byte[] bytes;
        try
        {
            bytes = new OpenPackNetworks(OpenPackFiles.Default).Make(model.Name);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new ModelUnavailableException(
                $"{model.Name} cannot be made of the weights in '{OpenPackFiles.Default.Folder}': {exception.Message} Build or publish FaceCloud anew.",
                exception);
        }

        if (HashOf(bytes) is var hash && hash != model.File.Sha256)
        {
            throw new ModelUnavailableException(
                $"{model.Name}, made of the weights in '{OpenPackFiles.Default.Folder}', has the SHA-256 {hash}, "
                + $"expected {model.File.Sha256}. Build or publish FaceCloud anew.");
        }

        if (Kept(model) is { } path)
        {
            Keep(bytes, path);
            logger.LogInformation("{Model} was made: {Path}", model.Name, path);
        }

        return bytes;
    }

    /// <summary>A reader sees no file, or the whole of it.</summary>
    private static void Keep(byte[] bytes, string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var unfinished = $"{path}.{Environment.ProcessId}.tmp";
            using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelUnavailableException($"'{path}' cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>The file in the folder the operator named, if it is there.</summary>
    private string? Given(ModelDescription model) =>
        _options.Path is not null && Path.Combine(Folder(), model.File.Name) is var path && File.Exists(path) ? path : null;

    private string? Kept(ModelDescription model) => _options.Made is { } folder ? Path.Combine(folder, model.File.Name) : null;

    private static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private ModelDescription Named(ModelRole role, string name)
    {
        var setting = $"{ModelOptions.Section}:{role}={name}";
        var model = OfRole(role).FirstOrDefault(model => model.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ModelUnavailableException(
                $"{setting} names no {Word(role)} that FaceCloud knows; it knows {string.Join(", ", OfRole(role).Select(model => model.Name))}.");
        if (!model.IsMade && Given(model) is null)
        {
            throw new ModelUnavailableException($"{setting} needs the file {model.File.Name}, which is not in '{Folder()}'.");
        }

        return _options.Accepts(model.Licence) ? model : throw new ModelUnavailableException(NotAccepted(model));
    }

    private ModelDescription Calibrated(ModelDescription model) =>
        _options.Calibrations is { } folder && model.Embedding is { } embedding && CalibrationFile.ReadIfPresent(folder, model.Name) is { } own
            ? model with { Embedding = embedding with { Calibration = new ModelCalibration(own.C0, own.K, own.Basis) } }
            : model;

    private static byte[] ReadVerified(ModelDescription model, string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelUnavailableException($"The model file '{path}' cannot be read: {exception.Message}", exception);
        }

        return HashOf(bytes) is var hash && hash == model.File.Sha256
            ? bytes
            : throw new ModelUnavailableException(
                $"The model file '{path}' is not {model.Name}: its SHA-256 is {hash} ({bytes.Length} bytes), "
                + $"expected {model.File.Sha256} ({model.File.Bytes} bytes).");
    }

    /// <summary>Why the service would not start without a network of a role; for a role that <see cref="Choose"/> finds none for.</summary>
    public string WhyNone(ModelRole role)
    {
        var present = Present(role).FirstOrDefault();
        return present is not null
            ? $"'{Folder()}' has no {Word(role)} that may be used. {NotAccepted(present)}"
            : $"'{Folder()}' has no {Word(role)}: put {string.Join(" or ", OfRole(role).Select(model => model.File.Name))} there, or {WhatToSet}.";
    }

    private static string NotAccepted(ModelDescription model) =>
        $"The licence of {model.Name} ({model.Licence.Name}) does not allow commercial use. {HowToAccept}";

    private string Folder() => _options.Path switch
    {
        null => throw new ModelUnavailableException($"There is no folder with networks: {WhatToSet}."),
        var path when !Directory.Exists(path) => throw new ModelUnavailableException($"The models folder '{path}' does not exist: {WhatToSet}."),
        var path => path,
    };

    private IEnumerable<ModelDescription> Present(ModelRole role) => OfRole(role).Where(model => Given(model) is not null || model.IsMade);

    private IEnumerable<ModelDescription> OfRole(ModelRole role) => registry.Models.Where(model => model.Role == role);

    private static string Word(ModelRole role) => role switch
    {
        ModelRole.Detector => "detector",
        ModelRole.Recogniser => "recogniser",
        ModelRole.Attributes => "attribute network",
        ModelRole.Landmarks => "landmark network",
        ModelRole.Liveness => "liveness network",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, null),
    };
}
