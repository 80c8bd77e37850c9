using System.Reflection;
using System.Text.RegularExpressions;
using FaceCloud.Contracts;

namespace FaceCloud.Architecture.Tests.Deployment;

/// <summary>
/// What a program of FaceCloud can be told by environment variables, and what it has to be told;
/// read from its sources and those of its libraries.
/// </summary>
internal sealed partial class DeployedService
{
    private static readonly ILookup<string, string> SourcesByProject = Project.Product.Where(project => project.IsBuilt)
        .SelectMany(project => SourceFile.Find("*.cs")
            .Where(path => path.StartsWith(project.Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            .Select(path => (project.Path, Text: File.ReadAllText(path))))
        .ToLookup(source => source.Path, source => source.Text);

    private readonly HashSet<string> _settings;

    private DeployedService(string name, Project project)
    {
        (Name, Project) = (name, project);
        var projects = WithReferences(project).DistinctBy(one => one.Path).ToList();
        var program = File.ReadAllText(Path.Combine(project.Folder, "Program.cs"));
        Databases = [.. Constants(Sources(project), ConnectionString())
            .Concat(program.Contains("AddMessaging(", StringComparison.Ordinal) ? [ServiceNames.Messaging] : []).Distinct()];
        Called = [.. Constants(project.Name == "FaceCloud.Gateway" ? Sources(project) : [program], CalledService()).Distinct()];
        _settings =
        [
            .. projects.SelectMany(Options),
            .. projects.SelectMany(Sources).SelectMany(source => ShortForm().Matches(source).Select(match => match.Groups[1].Value)),
            .. Constants(projects.SelectMany(Sources), ConnectionString()).Select(name => $"ConnectionStrings__{name}"),
        ];
    }

    /// <summary>Gateway and services, each a process of its own.</summary>
    public static IReadOnlyList<DeployedService> Apart { get; } =
        [.. Names().Where(name => name != ServiceNames.Standalone).Select(name => new DeployedService(name, ProjectOf(name)!))];

    /// <summary>All of it in one process.</summary>
    public static DeployedService Standalone { get; } = new(ServiceNames.Standalone, ProjectOf(ServiceNames.Standalone)!);

    /// <summary>As in <see cref="ServiceNames"/>.</summary>
    public string Name { get; }

    public Project Project { get; }

    /// <summary>Connection strings that its own code asks for, by name.</summary>
    public IReadOnlyList<string> Databases { get; }

    /// <summary>Services it calls.</summary>
    public IReadOnlyList<string> Called { get; }

    /// <summary>Variables without which it does not do its work where services run apart; among them the keys that all its replicas have to share.</summary>
    public IEnumerable<string> Required =>
    [
        .. Databases.Select(name => $"ConnectionStrings__{name}"),
        .. Called.Select(name => $"services__{name}__http__0"),
        .. _settings.Where(setting => setting is "Auth__SigningKey" or "Files__UrlKey"),
    ];

    /// <summary>Whether a variable means something to it, or to the frameworks it runs on.</summary>
    public bool Knows(string variable) => _settings.Contains(variable) || Frameworks().IsMatch(variable) || IsAddress(variable);

    public override string ToString() => Name;

    private static bool IsAddress(string variable) => Names().Any(name => Regex.IsMatch(variable, $"^services__{name}__https?__[0-9]+$"));

    private static IEnumerable<string> Names() => Constants().Values.Where(name => ProjectOf(name) is not null);

    private static Dictionary<string, string> Constants() =>
        typeof(ServiceNames).GetFields(BindingFlags.Public | BindingFlags.Static)
            .ToDictionary(field => field.Name, field => (string)field.GetRawConstantValue()!);

    private static IEnumerable<string> Constants(IEnumerable<string> sources, Regex use)
    {
        var values = Constants();
        return sources.SelectMany(source => use.Matches(source)).Select(match => values[match.Groups[1].Value]);
    }

    // vector-search is FaceCloud.VectorSearch; names of servers have no project.
    private static Project? ProjectOf(string name) => Project.Product.FirstOrDefault(project => project.Name == (name == ServiceNames.Standalone
        ? "FaceCloud.Standalone"
        : "FaceCloud." + string.Concat(name.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]))));

    private static IEnumerable<Project> WithReferences(Project project) =>
        project.References.Select(Project.Named).SelectMany(WithReferences).Prepend(project);

    private static IEnumerable<string> Sources(Project project) => SourcesByProject[project.Path];

    /// <summary><c>Section__Option</c> for every option that the project binds.</summary>
    private static IEnumerable<string> Options(Project project)
    {
        var bound = Sources(project).SelectMany(source => Binding().Matches(source)).ToList();
        if (bound.Count == 0)
        {
            return [];
        }

        using var assembly = CompiledAssembly.Of(project);
        var properties = assembly.PublicTypes.ToLookup(assembly.Name, type => assembly.SettableProperties(type).ToList());
        return [.. bound.SelectMany(match => properties[match.Groups["type"].Value].SelectMany(names => names)
            .Select(property => $"{Section(project, match)}__{property}"))];
    }

    private static string Section(Project project, Match match) => match.Groups["section"] is { Success: true } literal
        ? literal.Value
        : Sources(project).Select(source => Regex.Match(source, $"const string {match.Groups["constant"].Value} = \"(\\w+)\""))
            .First(found => found.Success).Groups[1].Value;

    [GeneratedRegex(
        @"AddOptions<(?<type>\w+)>\(\)\s*\.Bind(?:Configuration\(|\(configuration\.GetSection\()(?:""(?<section>\w+)""|(?:\w+\.)?(?<constant>\w+))\)")]
    private static partial Regex Binding();

    [GeneratedRegex(@"GetConnectionString\(ServiceNames\.(\w+)\)")]
    private static partial Regex ConnectionString();

    // In a Program.cs the client of a port; in the gateway a row of its table.
    [GeneratedRegex(@"(?:AddServiceClient<[^>]+>\(|new\()ServiceNames\.(\w+)")]
    private static partial Regex CalledService();

    [GeneratedRegex(@"""(FACECLOUD_[A-Z_]+)""")]
    private static partial Regex ShortForm();

    [GeneratedRegex("^(ASPNETCORE_URLS|ASPNETCORE_HTTP_PORTS|OTEL_[A-Z_]+|CUDA_CACHE_PATH)$")]
    private static partial Regex Frameworks();
}
