using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FaceCloud.Contracts;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace FaceCloud.Architecture.Tests.Deployment;

/// <summary><c>deploy/compose</c> against the services.</summary>
public sealed partial class ComposeTests
{
    private static readonly string File = DeploymentFile.PathOf("compose", "compose.yaml");
    private static readonly Dictionary<string, string> Example = DeploymentFile.Environment(DeploymentFile.PathOf("compose", ".env.example"));
    private static readonly JsonObject Compose = Read();

    public static TheoryData<string> Services => [.. DeployedService.Apart.Select(service => service.Name)];

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_is_told_what_it_has_to_know_and_nothing_it_does_not_understand(string name)
    {
        var shared = Compose["x-addresses"]!.AsObject().Select(setting => setting.Key).ToList();
        DeploymentFile.AssertKnown(shared);
        DeploymentFile.AssertConfigures(DeployedService.Apart.Single(service => service.Name == name), Environment(name), shared);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_is_built_from_its_project_and_called_as_the_others_call_it(string name)
    {
        var folder = Path.GetDirectoryName(DeployedService.Apart.Single(service => service.Name == name).Project.Path)!;
        Assert.Equal(folder, (string?)Service(name)["build"]!["args"]!["PROJECT"]);
        Assert.True(System.IO.File.Exists(Path.Combine(
            Path.GetDirectoryName(File)!, (string)Service(name)["build"]!["context"]!, (string)Service(name)["build"]!["dockerfile"]!)));
        Assert.All(
            Compose["x-addresses"]!.AsObject().Where(setting => setting.Key == $"services__{name}__http__0"),
            address => Assert.Equal($"http://{name}:{DeploymentFile.Port}", (string?)address.Value));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_is_no_root_and_writes_into_its_volumes_alone(string name)
    {
        var service = Service(name);
        Assert.Equal($"{DeploymentFile.UserId}:{DeploymentFile.UserId}", (string?)service["user"]);
        Assert.Equal("true", (string?)service["read_only"]);
        Assert.Equal("ALL", (string?)service["cap_drop"]!.AsArray().Single());
        Assert.Contains("no-new-privileges:true", service["security_opt"]!.AsArray().Select(option => (string?)option));
        var mounts = (service["volumes"]?.AsArray() ?? []).Select(volume => ((string)volume!).Split(':'))
            .Select(parts => parts[^1] == "ro" ? parts[^2] : parts[^1]);
        Assert.Empty(
            Environment(name).Where(setting => setting.Key.EndsWith("__Path", StringComparison.Ordinal))
                .Select(setting => setting.Value).Except(mounts));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void The_health_of_a_service_is_asked_where_it_is_told(string name)
    {
        var test = string.Join(' ', Service(name)["healthcheck"]!["test"]!.AsArray().Select(word => (string?)word));
        Assert.Contains($"/dev/tcp/127.0.0.1/{DeploymentFile.Port} ", test, StringComparison.Ordinal);
        Assert.Contains("GET /health/ready ", test, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_gateway_is_reached_from_outside() =>
        Assert.Equal(
            [ServiceNames.Gateway],
            Compose["services"]!.AsObject()
                .Where(service => service.Value!["ports"] is { } ports
                    && !ports.AsArray().All(port => ((string)port!).StartsWith("127.0.0.1:", StringComparison.Ordinal)))
                .Select(service => service.Key));

    [Fact]
    public void Each_variable_is_in_the_example_of_the_environment_file_and_no_other()
    {
        var used = Variable().Matches(System.IO.File.ReadAllText(File)).Select(match => match.Groups["name"].Value).Distinct().Order();
        Assert.Equal(Example.Keys.Order(), used);
    }

    [Fact]
    public void A_password_must_be_set() =>
        Assert.All(
            Variable().Matches(System.IO.File.ReadAllText(File))
                .Where(match => match.Groups["name"].Value is var name
                    && (name.EndsWith("PASSWORD", StringComparison.Ordinal) || name.EndsWith("KEY", StringComparison.Ordinal))),
            match => Assert.StartsWith(":?", match.Groups["default"].Value, StringComparison.Ordinal));

    [Fact]
    public void A_service_waits_for_the_servers_it_uses_and_no_name_leads_nowhere()
    {
        var services = Compose["services"]!.AsObject();
        Assert.All(services, service =>
        {
            Assert.Empty((service.Value!["depends_on"]?.AsObject() ?? []).Select(other => other.Key).Except(services.Select(other => other.Key)));
            Assert.All(service.Value["depends_on"]?.AsObject() ?? [], other => Assert.NotNull(services[other.Key]!["healthcheck"]));
            Assert.Empty(
                (service.Value["networks"]?.AsArray() ?? []).Select(network => (string)network!)
                    .Except(Compose["networks"]!.AsObject().Select(network => network.Key)));
        });
        Assert.All(
            DeployedService.Apart.SelectMany(service => Environment(service.Name)
                .Where(setting => setting.Key.StartsWith("ConnectionStrings__", StringComparison.Ordinal))
                .Select(setting => (service.Name, Server: ServerOf().Match(setting.Value).Groups[1].Value))),
            use => Assert.Contains(use.Server, services.Select(service => service.Key)));
    }

    private static JsonObject Service(string name) => Compose["services"]![name]!.AsObject();

    private static Dictionary<string, string> Environment(string name) =>
        Service(name)["environment"]!.AsObject().ToDictionary(setting => setting.Key, setting => (string?)setting.Value ?? "");

    private static JsonObject Read()
    {
        using var text = System.IO.File.OpenText(File);
        var document = new DeserializerBuilder().Build().Deserialize(new MergingParser(new Parser(text)));
        return JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(document))!.AsObject();
    }

    [GeneratedRegex(@"\$\{(?<name>\w+)(?<default>[^}]*)\}")]
    private static partial Regex Variable();

    // Host=postgres;..., Endpoint=http://qdrant:6333;..., amqp://user:password@rabbitmq
    [GeneratedRegex(@"(?:Host=|//(?:.*@)?)([\w-]+)")]
    private static partial Regex ServerOf();
}
