using Xunit;

namespace FaceCloud.Testing;

/// <summary>Networks and labelled photos for tests. They are not part of the repository; a test that needs them skips and says what is missing.</summary>
public static class TestFiles
{
    /// <summary>The folder with the networks, from <c>FACECLOUD_MODELS</c>.</summary>
    public static string Models => Required("FACECLOUD_MODELS", "the networks");

    /// <summary>The folder with the labelled photos, from <c>FACECLOUD_PHOTOS</c>.</summary>
    public static string Photos => Required("FACECLOUD_PHOTOS", "the labelled photos");

    /// <summary>A file of the photo folder.</summary>
    public static string Photo(params string[] path) => Path.Combine([Photos, .. path]);

    /// <summary>The root of the checkout the tests were built from.</summary>
    public static string Repository { get; } = FindRepository();

    private static string Required(string variable, string what)
    {
        var folder = Environment.GetEnvironmentVariable(variable);
        Assert.SkipWhen(string.IsNullOrEmpty(folder), $"{variable} is not set; this test needs {what}.");
        folder = Path.GetFullPath(folder!, FindRepository());
        Assert.SkipUnless(Directory.Exists(folder), $"{variable} names a folder that does not exist; this test needs {what}.");
        return folder;
    }

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "FaceCloud.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests must run from a build inside the checkout.");
    }
}
