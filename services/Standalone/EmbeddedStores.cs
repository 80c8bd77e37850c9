using FaceCloud.Contracts;
using FaceCloud.EmbeddedPostgres;

namespace FaceCloud.Standalone;

/// <summary>Database and index in the data folder. Whatever the configuration names itself is used as it is and not started here.</summary>
internal static class EmbeddedStores
{
    /// <summary>Starts what is needed and points the configuration of the services at it.</summary>
    /// <returns>To dispose when the services have stopped.</returns>
    public static async Task<IAsyncDisposable> StartAsync(WebApplicationBuilder builder)
    {
        var data = DataFolder.Of(builder.Configuration);
        var settings = new Dictionary<string, string?>();
        if (string.IsNullOrEmpty(builder.Configuration["VectorSearch:Path"]))
        {
            settings["VectorSearch:Path"] = Path.Combine(data, "index");
        }

        EmbeddedPostgres.EmbeddedPostgres? postgres = null;
        if (string.IsNullOrEmpty(builder.Configuration.GetConnectionString(ServiceNames.IdentityDb)))
        {
            using var loggers = LoggerFactory.Create(logging => logging.AddConfiguration(builder.Configuration.GetSection("Logging")).AddConsole());
            postgres = await EmbeddedPostgres.EmbeddedPostgres.StartAsync(
                new EmbeddedPostgresOptions { DataFolder = data }, loggers.CreateLogger<EmbeddedPostgres.EmbeddedPostgres>());
            settings[$"ConnectionStrings:{ServiceNames.IdentityDb}"] = postgres.ConnectionString;
        }

        builder.Configuration.AddInMemoryCollection(settings);
        return postgres is null ? new Nothing() : postgres;
    }

    private sealed class Nothing : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
