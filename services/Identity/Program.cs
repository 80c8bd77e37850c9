using FaceCloud.Identity;
using FaceCloud.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddIdentity();

var app = builder.Build();
app.UseServiceDefaults();
app.MapIdentity();
app.Run();
