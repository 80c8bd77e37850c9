using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using FaceCloud.Testing;

namespace FaceCloud.Standalone.Tests;

/// <summary>The commands as a process of their own, on labelled photos and the networks. The figures are printed.</summary>
public sealed class CommandTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private static string People => TestFiles.Photo("people");

    [Fact]
    public async Task What_was_calibrated_is_in_use_at_the_next_start()
    {
        using var photos = SomePeople(120);
        using var data = new TempFolder();
        await File.WriteAllTextAsync(Path.Combine(photos.Path, "somebody.txt"), "");
        var plot = Path.Combine(data.Path, "plot.svg");

        var (exitCode, result, errors) = await RunAsync(data, "calibrate", photos.Path, "--plot", plot);

        output.WriteLine(result);
        Assert.True(exitCode == 0, errors);
        Assert.Equal("svg", XDocument.Load(plot).Root!.Name.LocalName);
        var kept = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(data.Path, "calibrations", "w600k_mbf.json")))!;

        // Of so few photos 1e-4 is extrapolated, and still not far off.
        Assert.InRange((double)kept["c0"]!, 0.26, 0.34);
        Assert.InRange((double)kept["k"]!, 9.0, 19.0);
        var evaluation = await RunAsync(data, "evaluate", photos.Path, "--json");
        Assert.Equal((double)kept["c0"]!, (double)JsonNode.Parse(evaluation.Output)!["calibration"]!["c0"]!);
    }

    [Fact]
    public async Task A_dry_run_keeps_nothing()
    {
        using var photos = SomePeople(120);
        using var data = new TempFolder();

        var (exitCode, result, errors) = await RunAsync(data, "calibrate", photos.Path, "--dry-run");

        Assert.True(exitCode == 0, errors);
        Assert.Contains("Not kept (--dry-run).", result, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(data.Path));
    }

    [Fact]
    public async Task A_calibration_that_cannot_be_read_ends_the_start_with_one_sentence_and_can_be_measured_anew()
    {
        using var photos = SomePeople(120);
        using var data = new TempFolder();
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(data.Path, "calibrations")).FullName, "w600k_mbf.json");
        await File.WriteAllTextAsync(file, "{");

        var refused = await RunAsync(data, "evaluate", photos.Path);
        var again = await RunAsync(data, "calibrate", photos.Path);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"The calibration '{file}' cannot be used", refused.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", refused.Errors, StringComparison.Ordinal);
        Assert.True(again.ExitCode == 0, again.Errors);
        Assert.Contains("\"c0\"", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_with_too_few_photos_is_answered_with_one_sentence()
    {
        using var photos = SomePeople(5);
        using var data = new TempFolder();

        var (exitCode, _, errors) = await RunAsync(data, "calibrate", photos.Path);

        Assert.Equal(1, exitCode);
        Assert.Contains("thresholds need 20000 at least", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_misspelt_option_is_not_overlooked()
    {
        using var data = new TempFolder();

        var (exitCode, _, errors) = await RunAsync(data, "calibrate", data.Path, "--dryrun");

        Assert.Equal(1, exitCode);
        Assert.Contains("'--dryrun'", errors, StringComparison.Ordinal);
    }

    /// <summary>A folder with links to the photos of the first people, those with several first.</summary>
    private static TempFolder SomePeople(int count)
    {
        var all = Directory.GetDirectories(People).Order(StringComparer.Ordinal).OrderByDescending(person => Directory.GetFiles(person).Length > 1).ToList();
        var folder = new TempFolder();
        foreach (var person in all.Take(count))
        {
            var own = Directory.CreateDirectory(Path.Combine(folder.Path, Path.GetFileName(person)));
            foreach (var photo in Directory.GetFiles(person).Take(2))
            {
                File.CreateSymbolicLink(Path.Combine(own.FullName, Path.GetFileName(photo)), photo);
            }
        }

        return folder;
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(TempFolder data, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "facecloud.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["FACECLOUD_DATA"] = data.Path;
        start.Environment["FACECLOUD_MODELS"] = TestFiles.Models;
        start.Environment["Models__AcceptLicenses"] = "noncommercial";
        using var process = Process.Start(start)!;
        var (result, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Limit);
        return (process.ExitCode, await result, await errors);
    }
}
