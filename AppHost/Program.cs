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
    var database = builder.AddIdentityDb();
    var models = builder.AddParameter("models-path", "/var/lib/facecloud/models", publishValueAsDefault: true);
    var vectors = builder.AddParameter("vectors-path", "/var/lib/facecloud/vectors", publishValueAsDefault: true);

    var detection = builder.AddService<Projects.FaceCloud_Detection>(ServiceNames.Detection)
        .WithEnvironment("Models__Path", models);
    var embedding = builder.AddService<Projects.FaceCloud_Embedding>(ServiceNames.Embedding)
        .WithEnvironment("Models__Path", models).WithReplicas(2)
        .WithReference(detection);
    var search = builder.AddService<Projects.FaceCloud_VectorSearch>(ServiceNames.VectorSearch)
        .WithEnvironment("VectorSearch__Path", vectors);
    var identity = builder.AddService<Projects.FaceCloud_Identity>(ServiceNames.Identity)
        .WithReference(database).WaitFor(database)
        .WithReference(detection).WithReference(embedding).WithReference(search).WaitFor(search);

    builder.AddService<Projects.FaceCloud_Gateway>(ServiceNames.Gateway)
        .WithReference(detection).WithReference(embedding).WithReference(search).WithReference(identity).WaitFor(identity)
        .WithExternalHttpEndpoints();
}

builder.Build().Run();
