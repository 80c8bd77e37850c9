using FaceCloud.Detection;
using FaceCloud.ServiceDefaults;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddServiceDefaults();
builder.AddDetection();

var app = builder.Build();
app.UseServiceDefaults();
app.MapDetection();
app.MapInternalDetection();
app.Run();
