using System.Diagnostics;
using FaceCloud.Testing;

namespace FaceCloud.Architecture.Tests;

/// <summary>Files of the checkout, without what builds leave in it.</summary>
internal static class SourceFile
{
    private static readonly string[] NotSources = ["artifacts", "bin", "obj", "node_modules", ".git", "TestResults"];

    /// <summary>Full paths.</summary>
    public static IEnumerable<string> Find(string pattern) => Find(new DirectoryInfo(TestFiles.Repository), pattern);

    /// <summary>Relative to the root, with slashes.</summary>
    public static string Relative(string path) => Path.GetRelativePath(TestFiles.Repository, path).Replace('\\', '/');

    /// <summary>What git tracks, relative to the root. A source archive has no history; a test that needs this skips there.</summary>
    public static IReadOnlyList<string> Tracked()
    {
        var start = new ProcessStartInfo("git", ["-C", TestFiles.Repository, "ls-files", "-z"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var git = Process.Start(start)!;
            var files = git.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries);
            git.WaitForExit();
            Assert.SkipUnless(git.ExitCode == 0, "This is no git checkout; the test needs to know which files are tracked.");
            return files;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("git is not installed; the test needs to know which files are tracked.");
            throw;
        }
    }

    private static IEnumerable<string> Find(DirectoryInfo folder, string pattern) =>
        folder.EnumerateFiles(pattern).Select(file => file.FullName)
            .Concat(folder.EnumerateDirectories().Where(child => !NotSources.Contains(child.Name)).SelectMany(child => Find(child, pattern)));
}
