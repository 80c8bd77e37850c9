using System.Diagnostics;
using FaceCloud.Contracts;

namespace FaceCloud.Architecture.Tests.Deployment;

/// <summary><c>deploy/bare-metal</c> against the services.</summary>
public sealed class BareMetalTests
{
    private const string One = "facecloud.service";
    private const string Several = "facecloud@.service";
    private const string Target = "facecloud.target";

    private static readonly string Folder = DeploymentFile.PathOf("bare-metal");
    private static readonly Dictionary<string, string> Shared = Environment("services");

    public static TheoryData<string> Services => [.. DeployedService.Apart.Select(service => service.Name)];

    [Fact]
    public void Systemd_understands_the_units()
    {
        var copy = Directory.CreateTempSubdirectory("facecloud-units-").FullName;
        try
        {
            // Whether the program is installed is not asked here.
            string[] units = [One, Several, Target];
            foreach (var unit in units)
            {
                File.WriteAllLines(Path.Combine(copy, unit), File.ReadLines(Path.Combine(Folder, unit))
                    .Select(line => line.StartsWith("ExecStart", StringComparison.Ordinal) ? $"{line.Split('=')[0]}=/bin/true" : line));
            }

            var start = new ProcessStartInfo(
                "systemd-analyze",
                ["verify", .. units.Select(unit => Path.Combine(copy, unit.Replace("@.", "@detection.", StringComparison.Ordinal)))])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["SYSTEMD_UNIT_PATH"] = $"{copy}:"; // and the system's
            var (exitCode, output) = Run(start);
            Assert.Equal((0, ""), (exitCode, output));
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    [Fact]
    public void The_target_starts_every_service() =>
        Assert.Equal(
            DeployedService.Apart.Select(service => $"facecloud@{service.Name}.service").Order(),
            Values(Target, "Wants").Order());

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_is_told_what_it_has_to_know_and_nothing_it_does_not_understand(string name)
    {
        var service = DeployedService.Apart.Single(one => one.Name == name);
        DeploymentFile.AssertConfigures(service, Shared.Concat(Environment(name)).ToDictionary(), Shared.Keys);
        Assert.All(DeploymentFile.Proposed(PathOf(name)), variable => Assert.True(service.Knows(variable), variable));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_listens_where_the_others_look_for_it(string name)
    {
        if (name != ServiceNames.Gateway)
        {
            Assert.Equal(Shared[$"services__{name}__http__0"], Environment(name)["ASPNETCORE_URLS"]);
        }

        // Nobody but the gateway asks callers who they are.
        Assert.StartsWith("http://127.0.0.1:", Environment(name)["ASPNETCORE_URLS"], StringComparison.Ordinal);
    }

    [Fact]
    public void The_settings_of_several_services_are_known()
    {
        DeploymentFile.AssertKnown(Shared.Keys);
        DeploymentFile.AssertKnown(DeploymentFile.Proposed(PathOf("services")));
        var one = PathOf(ServiceNames.Standalone);
        Assert.All(
            DeploymentFile.Environment(one).Keys.Concat(DeploymentFile.Proposed(one))
                .Concat(Values(One, "Environment").Select(setting => setting.Split('=')[0])),
            variable => Assert.True(DeployedService.Standalone.Knows(variable), variable));
    }

    [Theory]
    [InlineData(One)]
    [InlineData(Several)]
    public void A_unit_is_no_root_waits_for_readiness_and_reads_files_that_are_there(string unit)
    {
        Assert.Equal(["facecloud"], Values(unit, "User"));
        Assert.Equal(["strict"], Values(unit, "ProtectSystem"));
        Assert.Equal([""], Values(unit, "CapabilityBoundingSet"));
        Assert.EndsWith(" ${ASPNETCORE_URLS}/health/ready", Values(unit, "ExecStartPost").Single(), StringComparison.Ordinal);
        Assert.All(
            Values(unit, "EnvironmentFile").SelectMany(file =>
                file.Contains("%i", StringComparison.Ordinal)
                    ? DeployedService.Apart.Select(service => file.Replace("%i", service.Name))
                    : [file]),
            file => Assert.True(File.Exists(PathOf(Path.GetFileNameWithoutExtension(file))), file));

        // Both are confined alike.
        Assert.Equal(Confinement(One), Confinement(unit));
    }

    [Fact]
    public void Folders_that_settings_name_are_the_units_own() =>
        Assert.All(
            DeployedService.Apart.SelectMany(service => Environment(service.Name)).Concat(Shared).Where(setting => setting.Value.StartsWith('/')),
            setting => Assert.StartsWith($"/var/lib/{Values(Several, "StateDirectory").Single()}/", setting.Value, StringComparison.Ordinal));

    private static string PathOf(string name) => Path.Combine(Folder, "env", $"{name}.env");

    private static Dictionary<string, string> Environment(string name) => DeploymentFile.Environment(PathOf(name));

    private static IEnumerable<string> Values(string unit, string key) => File.ReadLines(Path.Combine(Folder, unit))
        .Where(line => line.StartsWith($"{key}=", StringComparison.Ordinal)).Select(line => line[(key.Length + 1)..]);

    private static IEnumerable<string> Confinement(string unit) =>
        File.ReadLines(Path.Combine(Folder, unit)).SkipWhile(line => line != "NoNewPrivileges=yes").TakeWhile(line => line.Length > 0);

    private static (int ExitCode, string Output) Run(ProcessStartInfo start)
    {
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + errors.Result);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{start.FileName} is not installed.");
            throw;
        }
    }
}
