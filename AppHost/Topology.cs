using FaceCloud.Contracts;

namespace FaceCloud.AppHost;

/// <summary>The servers that the services use.</summary>
internal sealed record Servers(
    IResourceBuilder<IResourceWithConnectionString> Messaging,
    IResourceBuilder<IResourceWithConnectionString> Vectors,
    IResourceBuilder<IResourceWithConnectionString> IdentityDb,
    IResourceBuilder<IResourceWithConnectionString> QualityDb);

internal static class Topology
{
    /// <summary>
    /// RabbitMQ, Qdrant and PostgreSQL in containers; with <c>Infrastructure=external</c> those that already run, which needs no container runtime.
    /// </summary>
    public static Servers AddServers(this IDistributedApplicationBuilder builder)
    {
        if (builder.Configuration["Infrastructure"] == "external")
        {
            return new(
                builder.AddConnectionString(ServiceNames.Messaging),
                builder.AddConnectionString(ServiceNames.Vectors),
                builder.AddConnectionString(ServiceNames.IdentityDb),
                builder.AddConnectionString(ServiceNames.QualityDb));
        }

        var postgres = builder.AddPostgres("postgres", password: builder.AddParameter("postgres-password", secret: true))
            .WithDataVolume().WithLifetime(ContainerLifetime.Persistent);
        return new(
            builder.AddRabbitMQ(ServiceNames.Messaging, password: builder.AddParameter("rabbitmq-password", secret: true))
                .WithManagementPlugin().WithDataVolume().WithLifetime(ContainerLifetime.Persistent),
            builder.AddVectors(),
            postgres.AddDatabase(ServiceNames.IdentityDb),
            postgres.AddDatabase(ServiceNames.QualityDb));
    }

    /// <summary>A process of FaceCloud. Its port is given here: the projects have no launch profiles.</summary>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() =>
        builder.AddProject<TProject>(name).WithHttpEndpoint().WithHttpHealthCheck("/health/ready");

    /// <summary>
    /// A key that replicas share, where it is published. Here a process makes its own, or needs none: on this machine nobody is asked who they are.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithSecret(this IResourceBuilder<ProjectResource> service, string setting, string parameter) =>
        service.ApplicationBuilder.ExecutionContext.IsPublishMode
            ? service.WithEnvironment(setting, service.ApplicationBuilder.AddParameter(parameter, secret: true))
            : service;

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

    /// <summary>Qdrant, under the address that speaks REST: a reference to the server itself would name the one that speaks gRPC.</summary>
    private static IResourceBuilder<IResourceWithConnectionString> AddVectors(this IDistributedApplicationBuilder builder)
    {
        var qdrant = builder.AddQdrant("qdrant", apiKey: builder.AddParameter("qdrant-key", secret: true))
            .WithImageTag("v1.18.1").WithDataVolume().WithLifetime(ContainerLifetime.Persistent);
        return builder.AddConnectionString(ServiceNames.Vectors, qdrant.Resource.HttpConnectionStringExpression);
    }
}
