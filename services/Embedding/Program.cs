using FaceCloud.Embedding;
using FaceCloud.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddEmbedding();

var app = builder.Build();
app.UseServiceDefaults();
app.MapEmbedding();
app.Run();
