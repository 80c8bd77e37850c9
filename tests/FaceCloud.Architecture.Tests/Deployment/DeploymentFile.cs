using FaceCloud.Contracts;
using FaceCloud.Testing;

namespace FaceCloud.Architecture.Tests.Deployment;

/// <summary>Files of <c>deploy/</c>.</summary>
internal static class DeploymentFile
{
    /// <summary>What the images listen on, see <c>service.Dockerfile</c>.</summary>
    public const int Port = 8000;

    /// <summary>The user of the images.</summary>
    public const int UserId = 1654;

    public static string PathOf(params string[] parts) => Path.Combine([TestFiles.Repository, "deploy", .. parts]);

    /// <summary>A file of lines <c>NAME=value</c>.</summary>
    public static Dictionary<string, string> Environment(string path) => File.ReadLines(path)
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    /// <summary>The variables that a file of such lines shows as comments.</summary>
    public static IEnumerable<string> Proposed(string path) => File.ReadLines(path)
        .Where(line => line.StartsWith('#') && line.Contains('=') && !line.StartsWith("# ", StringComparison.Ordinal))
        .Select(line => line[1..].Split('=', 2)[0]);

    /// <summary>Fails for variables that mean nothing to a service, and for those it misses.</summary>
    public static void AssertConfigures(DeployedService service, IReadOnlyDictionary<string, string> environment, IEnumerable<string> sharedWithOthers)
    {
        Assert.All(environment.Keys.Except(sharedWithOthers), variable => Assert.True(service.Knows(variable), $"{service} does not know {variable}."));

        // The vector index is in a server or in a folder.
        string[] instead = environment.ContainsKey("VectorSearch__Path") ? [$"ConnectionStrings__{ServiceNames.Vectors}"] : [];
        Assert.Empty(service.Required.Except(environment.Keys).Except(instead));
    }

    /// <summary>A setting of several services is known to one of them at least.</summary>
    public static void AssertKnown(IEnumerable<string> variables) =>
        Assert.All(variables, variable => Assert.True(DeployedService.Apart.Any(service => service.Knows(variable)), $"No service knows {variable}."));
}
