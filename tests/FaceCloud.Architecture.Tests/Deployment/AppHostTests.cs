using System.Text.RegularExpressions;
using FaceCloud.Contracts;
using FaceCloud.Testing;

namespace FaceCloud.Architecture.Tests.Deployment;

/// <summary>The app host, which is not compiled here, against the services.</summary>
public sealed partial class AppHostTests
{
    private static readonly string Program = File.ReadAllText(Path.Combine(TestFiles.Repository, "AppHost", "Program.cs"));

    public static TheoryData<string> Services => [.. DeployedService.Apart.Select(service => service.Name)];

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_is_started_with_what_it_has_to_know(string name)
    {
        var service = DeployedService.Apart.Single(one => one.Name == name);
        var resource = Resources().Single(statement =>
            statement.Contains($"<Projects.{service.Project.Name.Replace('.', '_')}>(ServiceNames.{Constant(name)})", StringComparison.Ordinal));
        var references = Reference().Matches(resource + Later(Variable(Constant(name)))).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(
            service.Databases.Select(Constant).Concat(service.Called.Select(called => Variable(Constant(called)))).Order(),
            references.Select(reference => reference.Replace("servers.", "", StringComparison.Ordinal)).Order());
        Assert.All(Setting().Matches(resource).Select(match => match.Groups[1].Value), variable => Assert.True(service.Knows(variable), variable));
    }

    [Fact]
    public void Settings_of_the_topology_are_known() =>
        DeploymentFile.AssertKnown(
            Setting().Matches(File.ReadAllText(Path.Combine(TestFiles.Repository, "AppHost", "Topology.cs")))
                .Select(match => match.Groups[1].Value));

    [Fact]
    public void Every_service_is_a_project_of_the_app_host() =>
        Assert.Empty(
            DeployedService.Apart.Append(DeployedService.Standalone).Select(service => service.Project.Name)
                .Except(Project.Named("FaceCloud.AppHost").References));

    private static IEnumerable<string> Resources() => Program.Split(';').Where(statement => statement.Contains("AddService<", StringComparison.Ordinal));

    /// <summary>What is said of it further down, where services ask each other.</summary>
    private static string Later(string variable) =>
        variable.Length == 0 ? "" : string.Concat(Program.Split(';').Where(statement => statement.Contains($"\n    {variable}.", StringComparison.Ordinal)));

    /// <summary>The variable that holds a service.</summary>
    private static string Variable(string constant) =>
        Regex.Match(Program, $@"var (\w+) = builder\.AddService<Projects\.\w+>\(ServiceNames\.{constant}\)").Groups[1].Value;

    private static string Constant(string name) => typeof(ServiceNames).GetFields().Single(field => (string)field.GetRawConstantValue()! == name).Name;

    [GeneratedRegex(@"\.WithReference\(([\w.]+)\)")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\.With(?:Environment|Secret)\(""(\w+)""")]
    private static partial Regex Setting();
}
