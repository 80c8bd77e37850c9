using FaceCloud.Inference;

namespace FaceCloud.Standalone;

/// <summary>
/// Where <c>facecloud calibrate</c> leaves what it measured and every start looks for it: in the data folder, unless a setting says otherwise.
/// </summary>
internal static class CalibrationFolder
{
    private const string Setting = $"{ModelOptions.Section}:{nameof(ModelOptions.Calibrations)}";

    /// <summary><c>Models:Calibrations</c>, or <c>calibrations</c> in the data folder.</summary>
    public static string Of(IConfiguration configuration) =>
        configuration[Setting] is { } folder && !string.IsNullOrWhiteSpace(folder) ? folder : Path.Combine(DataFolder.Of(configuration), "calibrations");

    public static void Apply(ConfigurationManager configuration) => configuration[Setting] = Of(configuration);
}
