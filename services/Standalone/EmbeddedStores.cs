using FaceCloud.Contracts;
using FaceCloud.EmbeddedPostgres;

namespace FaceCloud.Standalone;

/// <summary>Database and index in the data folder. Whatever the configuration names itself is used as it is and not started here.</summary>
internal static class EmbeddedStores
{
    private const string IndexFolder = "VectorSearch:Path";
    private const string Database = $"ConnectionStrings:{ServiceNames.IdentityDb}";

    /// <summary>Puts the index into the data folder.</summary>
    public static void Apply(IConfiguration configuration)
    {
        if (string.IsNullOrEmpty(configuration[IndexFolder]))
        {
            configuration[IndexFolder] = Path.Combine(DataFolder.Of(configuration), "index");
        }
    }

    /// <summary>Starts the database and points the services at it.</summary>
    /// <returns>To dispose when the services have stopped; null if the configuration names a database.</returns>
    public static async Task<EmbeddedPostgres.EmbeddedPostgres?> StartAsync(IConfiguration configuration, ILoggerFactory loggers)
    {
        if (!string.IsNullOrEmpty(configuration[Database]))
        {
            return null;
        }

        var postgres = await EmbeddedPostgres.EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = DataFolder.Of(configuration) }, loggers.CreateLogger<EmbeddedPostgres.EmbeddedPostgres>());
        configuration[Database] = postgres.ConnectionString;
        return postgres;
    }
}
