using FaceCloud.Contracts;
using FaceCloud.Contracts.Clients;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Calls;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddServiceClient<IFaceDetector, HttpFaceDetector>(ServiceNames.Detection);
builder.AddServiceClient<IFaceEmbedder, HttpFaceEmbedder>(ServiceNames.Embedding);
builder.AddServiceClient<IFaceIndex, HttpFaceIndex>(ServiceNames.VectorSearch);
builder.AddIdentity();

var app = builder.Build();
app.UseServiceDefaults();
app.MapIdentity();
app.Run();
