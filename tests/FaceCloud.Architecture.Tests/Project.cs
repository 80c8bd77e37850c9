using System.Xml.Linq;
using FaceCloud.Testing;

namespace FaceCloud.Architecture.Tests;

/// <summary>A project file of the product or of its tests.</summary>
internal sealed class Project
{
    private readonly XDocument _xml;

    private Project(string path)
    {
        Path = System.IO.Path.GetRelativePath(TestFiles.Repository, path).Replace('\\', '/');
        Name = System.IO.Path.GetFileNameWithoutExtension(path);
        Folder = System.IO.Path.GetDirectoryName(path)!;
        _xml = XDocument.Load(path);
    }

    public static IReadOnlyList<Project> All { get; } =
        [.. SourceFile.Find("*.csproj").Select(path => new Project(path)).OrderBy(project => project.Path, StringComparer.Ordinal)];

    /// <summary>A web project or module of its own: <c>services/&lt;Name&gt;</c>, but not what services share and not the host of them all.</summary>
    public static IEnumerable<Project> Services =>
        All.Where(project => project.Path.StartsWith("services/", StringComparison.Ordinal) && !project.IsShared && project.Name != "FaceCloud.Standalone");

    public static IEnumerable<Project> Product => All.Where(project => !project.IsTest);

    /// <summary>Relative to the root, with slashes.</summary>
    public string Path { get; }

    public string Name { get; }

    public string Folder { get; }

    public bool IsShared => Path.StartsWith("services/shared/", StringComparison.Ordinal);

    public bool IsTest => Path.StartsWith("tests/", StringComparison.Ordinal);

    /// <summary>Aspire's packages are not on every feed: the app host is not part of the default build.</summary>
    public bool IsBuilt => !Path.StartsWith("AppHost/", StringComparison.Ordinal);

    /// <summary>Names of the projects it references.</summary>
    public IEnumerable<string> References => Elements("ProjectReference")
        .Select(reference => System.IO.Path.GetFileNameWithoutExtension((string?)reference.Attribute("Include") ?? "").Replace('\\', '/'));

    public IEnumerable<XElement> Packages => Elements("PackageReference");

    public static Project Named(string name) => All.Single(project => project.Name == name);

    public override string ToString() => Path;

    private IEnumerable<XElement> Elements(string name) => _xml.Descendants(name);
}
