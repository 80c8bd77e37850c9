using FaceCloud.Contracts;
using FaceCloud.Identity.Analytics;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Device;
using FaceCloud.Identity.Records;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity;

/// <summary>Identity as a module: who is who. Needs the ports of detection, embedding and vector-search.</summary>
public static class IdentityModule
{
    public static void AddIdentity(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<ScoreOptions>().BindConfiguration("Scores").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<DatabaseOptions>().BindConfiguration("Database");
        services.AddDbContextPool<IdentityDb>(
            (provider, db) => db.UseNpgsql(
                provider.GetRequiredService<IConfiguration>().GetConnectionString(ServiceNames.IdentityDb)
                    ?? throw new InvalidOperationException($"ConnectionStrings:{ServiceNames.IdentityDb} is not set."),
                npgsql => npgsql.MigrationsHistoryTable("migrations", IdentityDb.Schema)));
        services.AddSingleton<Scores>();
        services.AddScoped<IndexSync>().AddScoped<Enrolment>().AddScoped<Matching>().AddScoped<Recognition>().AddScoped<Removal>().AddScoped<Strangers>();

        // In this order before the first request: the schema, then the index that follows it.
        services.AddHostedService<SchemaMigration>();
        services.AddHostedService<IndexSweep>();
        services.AddHealthChecks().AddCheck<IdentityHealth>(ServiceNames.Identity);
    }

    public static void MapIdentity(this IEndpointRouteBuilder app)
    {
        app.MapDeviceApi();
        app.MapRecordsApi();
        app.MapAnalyticsApi();
    }
}
