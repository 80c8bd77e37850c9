using FaceCloud.Detection;
using FaceCloud.Embedding;
using FaceCloud.Identity;
using FaceCloud.ServiceDefaults;
using FaceCloud.Standalone;
using FaceCloud.VectorSearch;

return await StartFailure.ReportAsync(async () =>
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.AddServiceDefaults();
    DefaultAddress.Apply(builder.Configuration);
    await using var stores = await EmbeddedStores.StartAsync(builder);
    builder.AddDetection();
    builder.AddEmbedding();
    builder.AddVectorSearch();
    builder.AddIdentity();

    await using var app = builder.Build();
    app.UseServiceDefaults();
    app.MapDetection();
    app.MapEmbedding();
    app.MapIdentity();
    await app.RunAsync();
});
