using FaceCloud.Detection;
using FaceCloud.Embedding;
using FaceCloud.Identity;
using FaceCloud.ServiceDefaults;
using FaceCloud.VectorSearch;

namespace FaceCloud.Standalone;

/// <summary>All services and the edge in this process.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly IAsyncDisposable _stores;

    private Server(WebApplication app, IAsyncDisposable stores) => (App, _stores) = (app, stores);

    /// <summary>Not started yet.</summary>
    public WebApplication App { get; }

    /// <param name="settings">As on a command line: <c>--urls</c>, <c>http://localhost:8000</c>, <c>--Models:Path=...</c>.</param>
    public static async Task<Server> BuildAsync(string[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = settings, ContentRootPath = AppContext.BaseDirectory });
        builder.AddServiceDefaults();
        DefaultAddress.Apply(builder.Configuration);
        CalibrationFolder.Apply(builder.Configuration);
        var stores = await EmbeddedStores.StartAsync(builder);
        try
        {
            builder.AddDetection();
            builder.AddEmbedding();
            builder.AddVectorSearch();
            builder.AddIdentity();

            var app = builder.Build();
            app.UseServiceDefaults();
            app.MapDetection();
            app.MapEmbedding();
            app.MapIdentity();
            return new Server(app, stores);
        }
        catch
        {
            await stores.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await _stores.DisposeAsync();
    }
}
