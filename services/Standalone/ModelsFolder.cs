using FaceCloud.Inference;

namespace FaceCloud.Standalone;

/// <summary>Where the networks lie when nobody says: in the data folder, where <c>facecloud models pull</c> puts them.</summary>
internal static class ModelsFolder
{
    private const string Setting = $"{ModelOptions.Section}:{nameof(ModelOptions.Path)}";

    public static bool IsConfigured(IConfiguration configuration) =>
        !string.IsNullOrWhiteSpace(configuration[Setting]) || !string.IsNullOrWhiteSpace(configuration[ModelOptions.PathVariable]);

    public static string Default(IConfiguration configuration) => Path.Combine(DataFolder.Of(configuration), "models");

    /// <summary>Uses the default if it is there and nothing else is configured.</summary>
    public static void Apply(IConfiguration configuration)
    {
        if (!IsConfigured(configuration) && Directory.Exists(Default(configuration)))
        {
            configuration[Setting] = Default(configuration);
        }
    }
}
