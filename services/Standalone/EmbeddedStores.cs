using FaceCloud.Contracts;
using FaceCloud.EmbeddedPostgres;

namespace FaceCloud.Standalone;

/// <summary>Database, index and photos in the data folder. Whatever the configuration names itself is used as it is and not started here.</summary>
internal static class EmbeddedStores
{
    private const string IndexFolder = "VectorSearch:Path";
    private const string FilesFolder = "Files:Path";
    private const string Database = $"ConnectionStrings:{ServiceNames.IdentityDb}";
    private const string QualityDatabase = $"ConnectionStrings:{ServiceNames.QualityDb}";

    /// <summary>Puts the index and the photos into the data folder.</summary>
    public static void Apply(IConfiguration configuration)
    {
        foreach (var (setting, folder) in ((string, string)[])[(IndexFolder, "index"), (FilesFolder, "files")])
        {
            if (string.IsNullOrEmpty(configuration[setting]))
            {
                configuration[setting] = Path.Combine(DataFolder.Of(configuration), folder);
            }
        }
    }

    /// <summary>Starts the database and points the services at it; quality has its schema in the same unless the configuration names another.</summary>
    /// <returns>To dispose when the services have stopped; null if the configuration names a database.</returns>
    public static async Task<EmbeddedPostgres.EmbeddedPostgres?> StartAsync(IConfiguration configuration, ILoggerFactory loggers)
    {
        var postgres = string.IsNullOrEmpty(configuration[Database])
            ? await EmbeddedPostgres.EmbeddedPostgres.StartAsync(
                new EmbeddedPostgresOptions { DataFolder = DataFolder.Of(configuration) }, loggers.CreateLogger<EmbeddedPostgres.EmbeddedPostgres>())
            : null;
        configuration[Database] = postgres?.ConnectionString ?? configuration[Database];
        if (string.IsNullOrEmpty(configuration[QualityDatabase]))
        {
            configuration[QualityDatabase] = configuration[Database];
        }

        return postgres;
    }
}
