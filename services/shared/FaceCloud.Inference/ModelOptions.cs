using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace FaceCloud.Inference;

/// <summary>Which networks run, and how. Section <c>Models</c>; as environment variables <c>Models__Path</c> and so on.</summary>
public sealed class ModelOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Models";

    /// <summary>Short for <see cref="Path"/>; an environment variable, heeded where the setting itself is absent.</summary>
    public const string PathVariable = "FACECLOUD_MODELS";

    /// <summary>What <see cref="AcceptLicenses"/> calls licences that forbid commercial use.</summary>
    public const string NonCommercial = "noncommercial";

    /// <summary>The folder with model files; unset: only the networks that FaceCloud makes itself are there.</summary>
    public string? Path { get; set; }

    /// <summary>
    /// The folder where networks are kept that FaceCloud makes itself, of weights that came with it; unset: they are made anew at each start.
    /// </summary>
    public string? Made { get; set; }

    /// <summary>
    /// Kinds of licence the operator accepts beyond those that allow everything; <c>noncommercial</c> is the one kind. A list, or one text with
    /// commas.
    /// </summary>
    public IReadOnlyList<string> AcceptLicenses { get; set; } = [];

    /// <summary>The detector by its name in the registry; unset: the first there that is present and whose licence is accepted.</summary>
    public string? Detector { get; set; }

    /// <summary>The recogniser, likewise.</summary>
    public string? Recogniser { get; set; }

    /// <summary>The network for age and gender, likewise.</summary>
    public string? Attributes { get; set; }

    /// <summary>
    /// The folder with calibrations of your own, one file for each recogniser, as <c>facecloud calibrate</c> writes them. They replace the registry's;
    /// a recogniser without a file keeps the registry's, and so do all while this is unset.
    /// </summary>
    public string? Calibrations { get; set; }

    /// <summary><c>cpu</c> or <c>cuda</c>. FaceCloud does not start if it is not available.</summary>
    public InferenceProvider Provider { get; set; } = InferenceProvider.Cpu;

    /// <summary>How many runs of one network may be under way at once. Default: the number of processor cores.</summary>
    public int Cores { get; set; } = Environment.ProcessorCount;

    /// <summary>How many requests may wait for one network, for each of <see cref="Cores"/>; a further one is refused as busy. Default: 10.</summary>
    public int QueuePerCore { get; set; } = 10;

    internal string? NameFor(ModelRole role) => role switch
    {
        ModelRole.Detector => Detector,
        ModelRole.Recogniser => Recogniser,
        ModelRole.Attributes => Attributes,
        ModelRole.Landmarks or ModelRole.Liveness => null,
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, null),
    };

    internal bool Accepts(ModelLicence licence) => licence.Commercial || AcceptLicenses.Contains(NonCommercial, StringComparer.OrdinalIgnoreCase);

    /// <summary>What the configuration binder alone would not do: the short form of the path, and licences in one text with commas.</summary>
    internal void Complete(IConfiguration configuration)
    {
        Path = Nullify(Path) ?? Nullify(configuration[PathVariable]);
        Made = Nullify(Made);
        Calibrations = Nullify(Calibrations);
        Detector = Nullify(Detector);
        Recogniser = Nullify(Recogniser);
        Attributes = Nullify(Attributes);
        if (configuration[$"{Section}:{nameof(AcceptLicenses)}"] is { } licences)
        {
            AcceptLicenses = licences.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }

        // An empty variable is how deployments unset a setting.
        static string? Nullify(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
    }

    /// <summary>Says what is wrong with the settings before anything is loaded.</summary>
    internal sealed class Validator : IValidateOptions<ModelOptions>
    {
        public ValidateOptionsResult Validate(string? name, ModelOptions options)
        {
            var faults = new List<string>();
            if (options.Cores < 1)
            {
                faults.Add("Models:Cores is at least 1.");
            }

            if (options.QueuePerCore < 0)
            {
                faults.Add("Models:QueuePerCore is not negative.");
            }

            faults.AddRange(options.AcceptLicenses
                .Where(licence => !licence.Equals(NonCommercial, StringComparison.OrdinalIgnoreCase))
                .Select(licence => $"Models:AcceptLicenses knows '{NonCommercial}', not '{licence}'."));
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}
