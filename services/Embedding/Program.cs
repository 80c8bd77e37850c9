using FaceCloud.Contracts;
using FaceCloud.Contracts.Clients;
using FaceCloud.Contracts.Ports;
using FaceCloud.Embedding;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Calls;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddServiceDefaults();
builder.AddServiceClient<IFaceDetector, HttpFaceDetector>(ServiceNames.Detection);
builder.AddEmbedding();

var app = builder.Build();
app.UseServiceDefaults();
app.MapEmbedding();
app.MapInternalEmbedding();
app.Run();
