using FaceCloud.ServiceDefaults;
using FaceCloud.VectorSearch;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddVectorSearch();

var app = builder.Build();
app.UseServiceDefaults();
app.MapInternalVectorSearch();
app.Run();
