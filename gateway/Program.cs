using FaceCloud.Gateway;
using FaceCloud.Gateway.Edge;
using FaceCloud.ServiceDefaults;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddServiceDefaults();
builder.AddEdge();
builder.AddGateway();

var app = builder.Build();
app.UseServiceDefaults();
app.UseEdge();
app.MapGateway();
app.Run();
