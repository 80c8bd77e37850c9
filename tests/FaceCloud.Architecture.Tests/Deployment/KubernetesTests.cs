using System.Diagnostics;
using FaceCloud.Contracts;
using k8s;
using k8s.Models;

namespace FaceCloud.Architecture.Tests.Deployment;

/// <summary>What kustomize makes of <c>deploy/kubernetes</c>, held against the types of the Kubernetes API and against the services.</summary>
public sealed class KubernetesTests
{
    private const string Secret = "facecloud";

    // Each overlay as it is, and with every component that it names in a comment.
    private static readonly Dictionary<(string Overlay, bool Whole), Lazy<IReadOnlyList<object>>> Rendered = new[] { "cpu", "gpu" }
        .SelectMany(overlay => new[] { (overlay, false), (overlay, true) })
        .ToDictionary(key => key, key => new Lazy<IReadOnlyList<object>>(() => Render(key.overlay, key.Item2)));

    public static TheoryData<string, bool> Overlays => new(Rendered.Keys.Select(key => (key.Overlay, key.Whole)));

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Each_service_has_what_it_needs_to_run_be_found_and_be_scaled(string overlay, bool whole)
    {
        var names = DeployedService.Apart.Select(service => service.Name).Order().ToList();
        Assert.Equal(names, Names<V1Deployment>(overlay, whole));
        Assert.Equal(names, Names<V1Service>(overlay, whole));
        Assert.Equal(names, Names<V1PodDisruptionBudget>(overlay, whole));
        Assert.Empty(names.Except(Names<V1NetworkPolicy>(overlay, whole)));
        Assert.All(All<V2HorizontalPodAutoscaler>(overlay, whole), scaler => Assert.Equal(scaler.Metadata.Name, scaler.Spec.ScaleTargetRef.Name));
        Assert.Empty(
            names.Except(Names<V2HorizontalPodAutoscaler>(overlay, whole))
                .Except(All<V1Deployment>(overlay, whole).Where(HasGpu).Select(deployment => deployment.Metadata.Name)));
        Assert.All(All<V1Deployment>(overlay, whole), deployment =>
        {
            var name = deployment.Metadata.Name;
            var labels = deployment.Spec.Template.Metadata.Labels;
            Assert.Equal($"facecloud-{name}", deployment.Spec.Template.Spec.Containers.Single().Image.Split(':')[0]);
            AssertSelects(deployment.Spec.Selector.MatchLabels, labels);
            AssertSelects(All<V1Service>(overlay, whole).Single(service => service.Metadata.Name == name).Spec.Selector, labels);
            AssertSelects(All<V1PodDisruptionBudget>(overlay, whole).Single(budget => budget.Metadata.Name == name).Spec.Selector.MatchLabels, labels);
        });
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Each_service_is_told_what_it_has_to_know_and_nothing_it_does_not_understand(string overlay, bool whole)
    {
        var settings = All<V1ConfigMap>(overlay, whole).ToDictionary(map => map.Metadata.Name, map => map.Data);
        Assert.All(settings.Values, map => DeploymentFile.AssertKnown(map.Keys));
        Assert.All(DeployedService.Apart, service =>
        {
            var container = Container(overlay, whole, service.Name);
            var shared = container.EnvFrom.SelectMany(from => settings[from.ConfigMapRef.Name]).ToDictionary();
            var own = (container.Env ?? []).ToDictionary(
                variable => variable.Name, variable => variable.Value ?? $"secret {variable.ValueFrom.SecretKeyRef.Name}");
            DeploymentFile.AssertConfigures(service, shared.Concat(own).ToDictionary(), shared.Keys);
        });
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Secrets_are_references(string overlay, bool whole)
    {
        Assert.Empty(All<V1Secret>(overlay, whole));
        Assert.All(
            All<V1Deployment>(overlay, whole).SelectMany(deployment => deployment.Spec.Template.Spec.Containers.Single().Env ?? [])
                .Where(variable => IsSecret(variable.Name)),
            variable => Assert.Equal(Secret, variable.ValueFrom?.SecretKeyRef?.Name));
        Assert.All(All<V1ConfigMap>(overlay, whole).SelectMany(map => map.Data.Keys), variable => Assert.False(IsSecret(variable), variable));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Probes_and_ports_are_those_of_the_services(string overlay, bool whole) => Assert.All(DeployedService.Apart, service =>
    {
        var container = Container(overlay, whole, service.Name);
        var port = Assert.Single(container.Ports);
        Assert.Equal(("http", DeploymentFile.Port), (port.Name, port.ContainerPort));
        Assert.All([container.StartupProbe, container.LivenessProbe], probe => Assert.Equal("/health/live", probe.HttpGet.Path));
        Assert.Equal("/health/ready", container.ReadinessProbe.HttpGet.Path);
        Assert.All([container.StartupProbe, container.LivenessProbe, container.ReadinessProbe], probe => Assert.Equal("http", probe.HttpGet.Port.Value));
        var served = Assert.Single(All<V1Service>(overlay, whole).Single(one => one.Metadata.Name == service.Name).Spec.Ports);
        Assert.Equal("http", served.TargetPort.Value);
        var addresses = All<V1ConfigMap>(overlay, whole).SelectMany(map => map.Data).Where(setting => setting.Key == $"services__{service.Name}__http__0");
        Assert.All(addresses, address => Assert.Equal($"http://{service.Name}:{served.Port}", address.Value));
    });

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Nothing_runs_as_root_or_writes_beside_its_volumes(string overlay, bool whole) => Assert.All(Pods(overlay, whole), pod =>
    {
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.Equal(DeploymentFile.UserId, pod.SecurityContext.RunAsUser);
        Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
        Assert.False(pod.AutomountServiceAccountToken);
        Assert.All(pod.Containers.Concat(pod.InitContainers ?? []), container =>
        {
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            Assert.Empty(new[] { "cpu", "memory" }.Except(container.Resources.Requests.Keys.Intersect(container.Resources.Limits.Keys)));
            Assert.Empty(container.VolumeMounts.Select(mount => mount.Name).Except(pod.Volumes.Select(volume => volume.Name)));
        });
        Assert.Empty(pod.Volumes.Where(volume => volume.PersistentVolumeClaim is not null).Select(volume => volume.PersistentVolumeClaim.ClaimName)
            .Except(Names<V1PersistentVolumeClaim>(overlay, whole)));
    });

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Folders_that_settings_name_are_volumes(string overlay, bool whole)
    {
        var files = All<V1ConfigMap>(overlay, whole).Single().Data;
        var mounts = Container(overlay, whole, ServiceNames.Identity).VolumeMounts;
        Assert.Equal(!files.Contains(new("Files__Store", "S3")), mounts.Any(mount => mount.MountPath == files["Files__Path"]));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void The_network_lets_each_service_reach_those_it_calls_and_nobody_else(string overlay, bool whole) => Assert.All(DeployedService.Apart, service =>
    {
        var callers = DeployedService.Apart.Where(other => other.Called.Contains(service.Name)).Select(other => other.Name).Order();
        if (service.Name == ServiceNames.Gateway)
        {
            Assert.Null(Policy(service.Name).Ingress.Single().FromProperty); // from anywhere
        }
        else
        {
            Assert.Equal(callers, Peers(Policy(service.Name).Ingress.SelectMany(rule => rule.FromProperty)));
        }

        Assert.Equal(service.Called.Order(), Peers((Policy(service.Name).Egress ?? []).SelectMany(rule => rule.To ?? [])));

        V1NetworkPolicySpec Policy(string name) => All<V1NetworkPolicy>(overlay, whole).Single(policy => policy.Metadata.Name == name).Spec;
        static IEnumerable<string> Peers(IEnumerable<V1NetworkPolicyPeer> peers) => peers.Select(peer => peer.PodSelector.MatchLabels.Values.Single()).Order();
    });

    [Fact]
    public void On_gpus_the_networks_ask_for_one_and_are_told_to_use_it() => Assert.All(
        All<V1Deployment>("gpu", false).Where(deployment => deployment.Metadata.Name is ServiceNames.Detection or ServiceNames.Embedding),
        deployment =>
        {
            Assert.True(HasGpu(deployment));
            Assert.NotEmpty(deployment.Spec.Template.Spec.NodeSelector);
            Assert.Contains(deployment.Spec.Template.Spec.Containers.Single().Env, variable => variable is { Name: "Models__Provider", Value: "cuda" });
            Assert.EndsWith("-gpu", deployment.Spec.Template.Spec.Containers.Single().Image, StringComparison.Ordinal);
        });

    private static bool IsSecret(string variable) =>
        variable.StartsWith("ConnectionStrings__", StringComparison.Ordinal) || variable.EndsWith("Key", StringComparison.Ordinal);

    private static bool HasGpu(V1Deployment deployment) => deployment.Spec.Template.Spec.Containers.Single().Resources.Limits.ContainsKey("nvidia.com/gpu");

    private static void AssertSelects(IDictionary<string, string> selector, IDictionary<string, string> labels) =>
        Assert.All(selector, label => Assert.Equal(label.Value, labels[label.Key]));

    private static V1Container Container(string overlay, bool whole, string name) =>
        All<V1Deployment>(overlay, whole).Single(deployment => deployment.Metadata.Name == name).Spec.Template.Spec.Containers.Single();

    private static IEnumerable<V1PodSpec> Pods(string overlay, bool whole) =>
        All<V1Deployment>(overlay, whole).Select(deployment => deployment.Spec.Template.Spec)
            .Concat(All<V1Job>(overlay, whole).Select(job => job.Spec.Template.Spec));

    private static IEnumerable<string> Names<T>(string overlay, bool whole)
        where T : IKubernetesObject<V1ObjectMeta> => All<T>(overlay, whole).Select(one => one.Metadata.Name).Order();

    private static IEnumerable<T> All<T>(string overlay, bool whole)
        where T : IKubernetesObject<V1ObjectMeta> => Rendered[(overlay, whole)].Value.OfType<T>();

    private static List<object> Render(string overlay, bool whole)
    {
        var folder = Directory.CreateTempSubdirectory("facecloud-kustomize-").FullName;
        try
        {
            var root = DeploymentFile.PathOf("kubernetes");
            foreach (var path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
            {
                var copy = Path.Combine(folder, Path.GetRelativePath(root, path));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.WriteAllText(
                    copy,
                    whole
                        ? File.ReadAllText(path).Replace("components: []", "components:").Replace("#   - ../../components/", "  - ../../components/")
                        : File.ReadAllText(path));
            }

            // Strictly: a field that the API does not have is an error.
            return KubernetesYaml.LoadAllFromString(Kustomize(Path.Combine(folder, "overlays", overlay)), null, strict: true);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Kustomize(string folder)
    {
        var start = new ProcessStartInfo("kubectl", ["kustomize", folder]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var kubectl = Process.Start(start)!;
            var errors = kubectl.StandardError.ReadToEndAsync();
            var output = kubectl.StandardOutput.ReadToEnd();
            kubectl.WaitForExit();
            Assert.True(kubectl.ExitCode == 0, errors.Result);
            return output;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("kubectl is not installed, whose kustomize renders the manifests.");
            throw;
        }
    }
}
