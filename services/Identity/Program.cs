using FaceCloud.Contracts;
using FaceCloud.Contracts.Clients;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Calls;
using FaceCloud.ServiceDefaults.Messaging;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddServiceDefaults();
builder.AddServiceClient<IFaceDetector, HttpFaceDetector>(ServiceNames.Detection);
builder.AddServiceClient<IFaceEmbedder, HttpFaceEmbedder>(ServiceNames.Embedding);
builder.AddServiceClient<IFaceIndex, HttpFaceIndex>(ServiceNames.VectorSearch);
builder.AddServiceClient<IFaceAssessor, HttpFaceAssessor>(ServiceNames.Quality);
builder.AddIdentity();
builder.AddMessaging(bus => bus.AddIdentityConsumers());

var app = builder.Build();
app.UseServiceDefaults();
app.MapIdentity();
app.MapInternalIdentity();
return await app.RunIdentityAsync();
