using FaceCloud.Detection;
using FaceCloud.Embedding;
using FaceCloud.Gateway.Edge;
using FaceCloud.Identity;
using FaceCloud.Inference;
using FaceCloud.Quality;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Messaging;
using FaceCloud.VectorSearch;
using Microsoft.Extensions.Options;

namespace FaceCloud.Standalone;

/// <summary>All services and the edge in this process.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly IAsyncDisposable? _database;

    private Server(WebApplication app, IAsyncDisposable? database) => (App, _database) = (app, database);

    /// <summary>Not started yet.</summary>
    public WebApplication App { get; }

    /// <param name="settings">As on a command line: <c>--urls</c>, <c>http://localhost:8000</c>, <c>--Models:Path=...</c>.</param>
    public static async Task<Server> BuildAsync(string[] settings)
    {
        var app = Compose(settings);
        try
        {
            // What cannot start for its settings or its networks says so before a database is made for it.
            app.Services.GetRequiredService<IStartupValidator>().Validate();
            app.Services.GetRequiredService<ModelStore>().Check();
            return new Server(app, await EmbeddedStores.StartAsync(app.Configuration, app.Services.GetRequiredService<ILoggerFactory>()));
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>The services with their endpoints; nothing is checked or opened yet.</summary>
    public static WebApplication Compose(string[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = settings, ContentRootPath = AppContext.BaseDirectory });
        builder.AddServiceDefaults();
        DefaultAddress.Apply(builder.Configuration);
        CalibrationFolder.Apply(builder.Configuration);
        ModelsFolder.Apply(builder.Configuration);
        EmbeddedStores.Apply(builder.Configuration);
        SecretFile.SigningKey.Apply(builder.Configuration);
        SecretFile.UrlKey.Apply(builder.Configuration);
        builder.AddEdge();
        builder.AddDetection();
        builder.AddEmbedding();
        builder.AddVectorSearch();
        builder.AddIdentity();
        builder.AddQuality();
        builder.AddMessaging(bus =>
        {
            bus.AddIdentityConsumers();
            bus.AddQualityConsumers();
        });

        var app = builder.Build();
        app.UseServiceDefaults();
        app.UseEdge();
        app.MapDetection();
        app.MapEmbedding();
        app.MapIdentity();
        app.MapQuality();
        return app;
    }

    /// <summary>Starts the services; what runs already when one cannot start is stopped in order, not disposed of at its work.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await App.StartAsync(cancellationToken);
        }
        catch
        {
            await App.StopAsync(CancellationToken.None);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }
}
