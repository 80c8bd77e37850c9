namespace FaceCloud.Standalone;

/// <summary>The one folder that holds everything the program keeps.</summary>
internal static class DataFolder
{
    /// <summary><c>Data:Path</c>, or its short form <c>FACECLOUD_DATA</c>, or the user's own application data.</summary>
    public static string Of(IConfiguration configuration)
    {
        var path = configuration["Data:Path"] ?? configuration["FACECLOUD_DATA"];
        if (string.IsNullOrWhiteSpace(path))
        {
            path = Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "facecloud");
        }

        return Path.GetFullPath(path);
    }
}
