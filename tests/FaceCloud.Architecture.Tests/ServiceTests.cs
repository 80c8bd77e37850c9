using FaceCloud.Testing;

namespace FaceCloud.Architecture.Tests;

/// <summary>What a service looks like from outside: a module, its options, a short program.</summary>
public sealed class ServiceTests
{
    private const int MaxProgramLines = 20;

    public static TheoryData<string> Services => [.. Project.Services.Select(project => project.Name)];

    public static TheoryData<string> WithOptions =>
        [.. Project.Product.Where(project => project.IsBuilt && OptionsOf(project).Count > 0).Select(project => project.Name)];

    [Theory]
    [MemberData(nameof(Services))]
    public void All_of_a_service_is_internal_but_its_module_and_its_options(string name)
    {
        using var assembly = CompiledAssembly.Of(Project.Named(name));
        Assert.All(assembly.PublicTypes, type => Assert.True(
            assembly.Name(type) is var plain
                && (plain.EndsWith("Module", StringComparison.Ordinal) || plain.EndsWith("Options", StringComparison.Ordinal)
                    || assembly.IsEnum(type) // a value of an option
                    || plain == "Program" // made public by the web SDK
                    || assembly.FullName(type).Contains(".Migrations.", StringComparison.Ordinal)), // public as dotnet-ef writes them
            $"{assembly.FullName(type)} is public."));
    }

    [Fact]
    public void A_program_reads_as_a_table_of_contents() =>
        Assert.All(
            // The app host, which is not built by default, is a topology and no service.
            Project.Product.Where(project => project.IsBuilt).Select(project => Path.Combine(project.Folder, "Program.cs")).Where(File.Exists),
            program => Assert.InRange(
                File.ReadLines(program)
                    .Count(line => line.Trim() is { Length: > 0 } text && !text.StartsWith("using ", StringComparison.Ordinal)),
                1,
                MaxProgramLines));

    // In the working directory it would also watch every folder below for changes: the whole machine, for one that is started in /.
    [Fact]
    public void A_program_reads_its_settings_beside_itself() =>
        Assert.All(
            Project.Services.Append(Project.Named("FaceCloud.Gateway")).Select(project => File.ReadAllText(Path.Combine(project.Folder, "Program.cs"))),
            program => Assert.Contains("ContentRootPath = AppContext.BaseDirectory", program, StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(WithOptions))]
    public void Every_option_is_documented(string name)
    {
        using var assembly = CompiledAssembly.Of(Project.Named(name));
        var documented = assembly.DocumentedMembers();
        Assert.All(OptionsOf(Project.Named(name)), option => Assert.Contains($"P:{option.Type}.{option.Property}", documented));
    }

    [Fact]
    public void Every_setting_is_in_the_readme()
    {
        var readme = File.ReadAllText(Path.Combine(TestFiles.Repository, "README.md"));

        // The embedded database is set up by the program, not by configuration.
        Assert.All(
            Project.Product.Where(project => project.IsBuilt && project.Name != "FaceCloud.EmbeddedPostgres").SelectMany(OptionsOf),
            option => Assert.Contains($":{option.Property}`", readme, StringComparison.Ordinal));
    }

    private static List<(string Type, string Property)> OptionsOf(Project project)
    {
        using var assembly = CompiledAssembly.Of(project);
        return [.. assembly.PublicTypes.Where(type => assembly.Name(type).EndsWith("Options", StringComparison.Ordinal))
            .SelectMany(type => assembly.SettableProperties(type).Select(property => (assembly.FullName(type), property)))];
    }
}
