using FaceCloud.Inference;

namespace FaceCloud.Standalone;

/// <summary>Where the networks lie when nobody says: in the data folder, where the first start and <c>facecloud models pull</c> put them.</summary>
internal static class ModelsFolder
{
    private const string Setting = $"{ModelOptions.Section}:{nameof(ModelOptions.Path)}";

    private const string MadeSetting = $"{ModelOptions.Section}:{nameof(ModelOptions.Made)}";

    public static bool IsConfigured(IConfiguration configuration) =>
        !string.IsNullOrWhiteSpace(configuration[Setting]) || !string.IsNullOrWhiteSpace(configuration[ModelOptions.PathVariable]);

    public static string Default(IConfiguration configuration) => Path.Combine(DataFolder.Of(configuration), "models");

    /// <summary>Uses the default if it is there and nothing else is configured. Networks that FaceCloud makes itself are always kept there.</summary>
    public static void Apply(IConfiguration configuration)
    {
        var folder = Default(configuration);
        if (!IsConfigured(configuration) && Directory.Exists(folder))
        {
            configuration[Setting] = folder;
        }

        if (string.IsNullOrWhiteSpace(configuration[MadeSetting]))
        {
            configuration[MadeSetting] = folder;
        }
    }
}
