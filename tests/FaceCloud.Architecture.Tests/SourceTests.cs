using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FaceCloud.Testing;

namespace FaceCloud.Architecture.Tests;

/// <summary>What no file of the repository may hold.</summary>
public sealed partial class SourceTests
{
    [Fact]
    public void Native_code_is_called_in_native_folders_only() =>
        Assert.All(
            SourceFile.Find("*.cs")
                .Where(path => !SourceFile.Relative(path).StartsWith("tests/", StringComparison.Ordinal))
                .Where(path => NativeCall().IsMatch(File.ReadAllText(path))),
            path => Assert.Contains("/native/", "/" + SourceFile.Relative(path), StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void Nothing_is_left_to_do_later() =>
        Assert.All(SourceFile.Find("*.cs"), path => Assert.DoesNotMatch(Unfinished(), File.ReadAllText(path)));

    [Fact]
    public void No_line_is_longer_than_the_editor_is_told()
    {
        var told = LineLimit().Match(File.ReadAllText(Path.Combine(TestFiles.Repository, ".editorconfig"))).Groups["limit"].ValueSpan;
        var limit = int.Parse(told, CultureInfo.InvariantCulture);
        Assert.Empty(
            from path in SourceFile.Find("*.cs")
            where !SourceFile.Relative(path).Contains("/Migrations/", StringComparison.Ordinal)
            from line in File.ReadLines(path).Index()
            where line.Item.Length > limit
            select $"{SourceFile.Relative(path)}:{line.Index + 1}");
    }

    [Fact]
    public void No_tracked_file_names_a_place_on_the_machine_of_its_author() =>
        Assert.All(
            SourceFile.Tracked().Select(file => Path.Combine(TestFiles.Repository, file)).Where(File.Exists),
            path => Assert.DoesNotMatch(HomeFolder(), File.ReadAllText(path)));

    [Fact]
    public void Npm_lock_files_name_no_registry() =>
        Assert.All(SourceFile.Find("package-lock.json"), path => Assert.All(
            JsonNode.Parse(File.ReadAllText(path))!["packages"]!.AsObject(), package => Assert.Null(package.Value!["resolved"])));

    [Fact]
    public void Links_between_pages_lead_somewhere() =>
        Assert.All(
            SourceFile.Find("*.md").SelectMany(page => Link().Matches(File.ReadAllText(page)).Select(link => (page, target: link.Groups["target"].Value)))
                .Where(link => !link.target.Contains("://", StringComparison.Ordinal)),
            link => Assert.True(
                Path.Combine(Path.GetDirectoryName(link.page)!, link.target) is var path && (File.Exists(path) || Directory.Exists(path)),
                $"{SourceFile.Relative(link.page)} links to {link.target}."));

    [GeneratedRegex(@"\b(DllImport|LibraryImport|NativeLibrary\.\w+\(|delegate\*\s*unmanaged)")]
    private static partial Regex NativeCall();

    // In two halves, so that this file is not one of those it looks for.
    [GeneratedRegex(@"\b(TO" + @"DO|FIX" + @"ME|NotImplemented" + @"Exception)\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"^max_line_length = (?<limit>\d+)$", RegexOptions.Multiline)]
    private static partial Regex LineLimit();

    [GeneratedRegex(@"(?<![\w.])(/home/\w|/Users/\w|/root/\w|[A-Z]:\\Users\\\w)")]
    private static partial Regex HomeFolder();

    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)(#[^)]*)?\)")]
    private static partial Regex Link();
}
