namespace FaceCloud.Architecture.Tests;

/// <summary>Who may know whom: Contracts, then Imaging, Inference and the embedded database, then services, then hosts.</summary>
public sealed class DependencyTests
{
    private static readonly string[] Libraries = ["FaceCloud.Imaging", "FaceCloud.Inference", "FaceCloud.EmbeddedPostgres", "FaceCloud.Files"];

    // The app host starts services as processes; it calls none.
    private static readonly string[] Hosts = ["FaceCloud.Standalone", "AppHost", "FaceCloud.AppHost"];

    private static HashSet<string> ServiceNames => Project.Services.Select(project => project.Name).ToHashSet(StringComparer.Ordinal);

    [Fact]
    public void Contracts_reference_nothing()
    {
        var contracts = Project.Named("FaceCloud.Contracts");
        Assert.Empty(contracts.References);
        Assert.Empty(contracts.Packages);
    }

    [Fact]
    public void Shared_libraries_reference_contracts_and_the_native_files_only() =>
        Assert.All(Libraries.Select(Project.Named), library => Assert.Subset(
            new HashSet<string> { "FaceCloud.Contracts", "FaceCloud.Native" }, library.References.ToHashSet()));

    [Fact]
    public void A_service_references_no_service() =>
        Assert.All(Project.Services, service => Assert.DoesNotContain(service.References, ServiceNames.Contains));

    [Fact]
    public void Only_the_standalone_program_and_tests_reference_several_services() =>
        Assert.All(
            Project.All.Where(project => project.References.Count(ServiceNames.Contains) > 1),
            project => Assert.True(project.IsTest || Hosts.Contains(project.Name), $"{project} references several services."));

    [Fact]
    public void No_product_project_references_a_test_project() =>
        Assert.All(Project.Product, project => Assert.DoesNotContain(
            project.References, reference => Project.All.Any(other => other.IsTest && other.Name == reference)));

    [Fact]
    public void Only_imaging_calls_libvips() => AssertOnlyOneLoads("vips", "FaceCloud.Imaging");

    [Fact]
    public void Only_inference_calls_onnx_runtime() => AssertOnlyOneLoads("onnxruntime", "FaceCloud.Inference");

    [Fact]
    public void Service_defaults_know_nothing_of_faces()
    {
        using var assembly = CompiledAssembly.Of(Project.Named("FaceCloud.ServiceDefaults"));
        Assert.DoesNotContain(assembly.MentionedTypes, type =>
            type.StartsWith("FaceCloud.Contracts.Faces.", StringComparison.Ordinal) || type.StartsWith("FaceCloud.Contracts.Ports.", StringComparison.Ordinal));
    }

    [Fact]
    public void The_versions_of_packages_are_in_one_file() =>
        Assert.All(Project.All.SelectMany(project => project.Packages.Select(package => (project, package))), use =>
        {
            Assert.Null(use.package.Attribute("Version"));
            Assert.Null(use.package.Attribute("VersionOverride"));
            Assert.DoesNotContain(use.package.Elements(), child => child.Name.LocalName.StartsWith("Version", StringComparison.Ordinal));
        });

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(FaceCloud.Testing.TestFiles.Repository, "FaceCloud.sln")).Replace('\\', '/');
        Assert.All(Project.All, project => Assert.Contains(project.Path, solution, StringComparison.Ordinal));
    }

    // The name of the library is a literal, or the module of a platform invoke, in the assembly that calls it.
    private static void AssertOnlyOneLoads(string library, string owner)
    {
        var callers = Project.Product.Where(project => project.IsBuilt).Where(project =>
        {
            using var assembly = CompiledAssembly.Of(project);
            return assembly.Literals.Concat(assembly.NativeModules).Any(
                name => name.Equals(library, StringComparison.OrdinalIgnoreCase) || name.StartsWith("lib" + library, StringComparison.OrdinalIgnoreCase));
        });
        Assert.Equal([owner], callers.Select(project => project.Name));
    }
}
