using FaceCloud.Contracts;
using FaceCloud.Contracts.Clients;
using FaceCloud.Contracts.Ports;
using FaceCloud.Quality;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Calls;
using FaceCloud.ServiceDefaults.Messaging;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddServiceDefaults();
builder.AddServiceClient<IFaceDirectory, HttpFaceDirectory>(ServiceNames.Identity);
builder.AddQuality();
builder.AddMessaging(bus => bus.AddQualityConsumers());

var app = builder.Build();
app.UseServiceDefaults();
app.MapQuality();
app.MapInternalQuality();
app.Run();
