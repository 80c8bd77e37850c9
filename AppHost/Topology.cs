using FaceCloud.Contracts;

namespace FaceCloud.AppHost;

internal static class Topology
{
    /// <summary>PostgreSQL in a container; with <c>Infrastructure=external</c> one that already runs, which needs no container runtime.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddIdentityDb(this IDistributedApplicationBuilder builder) =>
        builder.Configuration["Infrastructure"] == "external"
            ? builder.AddConnectionString(ServiceNames.IdentityDb)
            : builder.AddPostgres("postgres", password: builder.AddParameter("postgres-password", secret: true))
                .WithDataVolume().WithLifetime(ContainerLifetime.Persistent)
                .AddDatabase(ServiceNames.IdentityDb);

    /// <summary>A process of FaceCloud. Its port is given here: the projects have no launch profiles.</summary>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() =>
        builder.AddProject<TProject>(name).WithHttpEndpoint().WithHttpHealthCheck("/health");

    public static void AddDeploymentTarget(this IDistributedApplicationBuilder builder)
    {
        if (!builder.ExecutionContext.IsPublishMode)
        {
            return;
        }

        if (builder.Configuration["Deployment:Target"] == "kubernetes")
        {
            builder.AddKubernetesEnvironment("k8s").WithHelm(helm => helm.WithChartName("facecloud").WithNamespace("facecloud"));
        }
        else
        {
            builder.AddDockerComposeEnvironment("compose").WithDashboard();
        }
    }
}
