using FaceCloud.ServiceDefaults;
using FaceCloud.VectorSearch;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddServiceDefaults();
builder.AddVectorSearch();

var app = builder.Build();
app.UseServiceDefaults();
app.MapInternalVectorSearch();
app.Run();
