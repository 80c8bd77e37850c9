using FaceCloud.AppHost;
using FaceCloud.Contracts;

var builder = DistributedApplication.CreateBuilder(args);

if (builder.Configuration["Topology"] == "standalone")
{
    builder.AddService<Projects.FaceCloud_Standalone>(ServiceNames.Standalone).WithExternalHttpEndpoints();
}
else
{
    builder.AddDeploymentTarget();
    var servers = builder.AddServers();
    var models = builder.AddParameter("models-path", "/var/lib/facecloud/models", publishValueAsDefault: true);
    var files = builder.AddParameter("files-path", "/var/lib/facecloud/files", publishValueAsDefault: true);

    var detection = builder.AddService<Projects.FaceCloud_Detection>(ServiceNames.Detection)
        .WithEnvironment("Models__Path", models);
    var embedding = builder.AddService<Projects.FaceCloud_Embedding>(ServiceNames.Embedding)
        .WithEnvironment("Models__Path", models).WithReplicas(2)
        .WithReference(detection);
    var search = builder.AddService<Projects.FaceCloud_VectorSearch>(ServiceNames.VectorSearch)
        .WithReference(servers.Vectors).WaitFor(servers.Vectors);
    var quality = builder.AddService<Projects.FaceCloud_Quality>(ServiceNames.Quality)
        .WithReference(servers.QualityDb).WaitFor(servers.QualityDb)
        .WithReference(servers.Messaging).WaitFor(servers.Messaging);
    var identity = builder.AddService<Projects.FaceCloud_Identity>(ServiceNames.Identity)
        .WithEnvironment("Files__Path", files).WithSecret("Files__UrlKey", "url-key")
        .WithReference(servers.IdentityDb).WaitFor(servers.IdentityDb)
        .WithReference(servers.Messaging).WaitFor(servers.Messaging)
        .WithReference(detection).WithReference(embedding).WithReference(search).WithReference(quality);
    quality.WithReference(identity); // each asks the other

    builder.AddService<Projects.FaceCloud_Gateway>(ServiceNames.Gateway)
        .WithSecret("Auth__SigningKey", "signing-key")
        .WithReference(servers.IdentityDb) // API keys, and the limits that its replicas share
        .WithReference(detection).WithReference(embedding).WithReference(search).WithReference(identity).WithReference(quality).WaitFor(identity)
        .WithExternalHttpEndpoints();
}

builder.Build().Run();
