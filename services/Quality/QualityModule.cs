using FaceCloud.Contracts;
using FaceCloud.Contracts.Ports;
using FaceCloud.Quality.Data;
using FaceCloud.Quality.Measuring;
using FaceCloud.Quality.Scores;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FaceCloud.Quality;

/// <summary>Quality as a module: how good faces are. Needs the directory of identity.</summary>
public static class QualityModule
{
    public static void AddQuality(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddDbContextPool<QualityDb>(
            (provider, db) => db.UseNpgsql(
                provider.GetRequiredService<IConfiguration>().GetConnectionString(ServiceNames.QualityDb)
                    ?? throw new InvalidOperationException($"ConnectionStrings:{ServiceNames.QualityDb} is not set."),
                npgsql => npgsql.MigrationsHistoryTable("migrations", QualityDb.Schema)));
        services.TryAddSingleton<IFaceAssessor, FaceAssessor>();
        services.AddScoped<ScoreFeed>().AddScoped<Assessments>();

        // In this order: the schema, then what belongs into it.
        services.AddHostedService<SchemaMigration>();
        services.AddHostedService<ScoreSweep>();
        services.AddHealthChecks().AddCheck<QualityHealth>(ServiceNames.Quality);
    }

    /// <summary>What quality does when an event arrives; for the host's bus.</summary>
    public static void AddQualityConsumers(this IBusRegistrationConfigurator bus) =>
        bus.AddConsumer<FacesChangedConsumer>(consumer => consumer.ConcurrentMessageLimit = 1);

    public static void MapQuality(this IEndpointRouteBuilder app) => app.MapQualityApi();

    /// <summary>What other services call; for a process of its own.</summary>
    public static void MapInternalQuality(this IEndpointRouteBuilder app) => app.MapInternalApi();
}
