using FaceCloud.Contracts;
using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Files;
using FaceCloud.Identity.Albums;
using FaceCloud.Identity.Analytics;
using FaceCloud.Identity.Audit;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Device;
using FaceCloud.Identity.Groups;
using FaceCloud.Identity.Jobs;
using FaceCloud.Identity.Library;
using FaceCloud.Identity.People;
using FaceCloud.Identity.Photos;
using FaceCloud.Identity.Pipeline;
using FaceCloud.Identity.Quality;
using FaceCloud.Identity.Records;
using FaceCloud.Identity.Reembedding;
using FaceCloud.Identity.Reprocessing;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FaceCloud.Identity;

/// <summary>Identity as a module: who is who. Needs the ports of detection, embedding, vector-search and the assessor of quality.</summary>
public static class IdentityModule
{
    public static void AddIdentity(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<ScoreOptions>().BindConfiguration("Scores").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<DatabaseOptions>().BindConfiguration("Database");
        services.AddOptions<LibraryOptions>().BindConfiguration("Library").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<AutoRecogniseOptions>().BindConfiguration("Library").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<GroupOptions>().BindConfiguration("Groups").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<AuditOptions>().BindConfiguration("Audit").ValidateDataAnnotations().ValidateOnStart();
        services.AddDbContextPool<IdentityDb>(
            (provider, db) => db.UseNpgsql(
                provider.GetRequiredService<IConfiguration>().GetConnectionString(ServiceNames.IdentityDb)
                    ?? throw new InvalidOperationException($"ConnectionStrings:{ServiceNames.IdentityDb} is not set."),
                npgsql => npgsql.MigrationsHistoryTable("migrations", IdentityDb.Schema)));
        services.AddHttpContextAccessor();
        services.AddFileStore();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ThumbnailUrls>();
        services.AddSingleton<DuplicateCache>().AddScoped<DuplicatePairs>();
        services.AddSingleton<Scores>();
        services.AddScoped<IndexSync>().AddScoped<Enrolment>().AddScoped<Matching>().AddScoped<Recognition>().AddScoped<Removal>().AddScoped<Strangers>();
        services.AddScoped<Ledger>().AddScoped<LedgerUndo>().AddScoped<FaceCuration>().AddScoped<PeopleCuration>();
        services.AddScoped<AuditTrail>().AddScoped<PersonErasure>().AddScoped<PersonExport>();
        services.AddScoped<FileRemovals>().AddScoped<PhotoUpload>().AddScoped<PhotoRemoval>();
        services.AddScoped<FaceFinder>().AddScoped<PhotoPipeline>().AddSingleton<OutboxSignal>();
        services.AddScoped<PhotoReprocessing>().AddScoped<ReprocessQueue>();
        services.AddScoped<AutoRecognition>().AddScoped<FaceLinking>().AddScoped<Grouping>().AddScoped<FreshGroups>().AddSingleton<GroupSignal>();
        services.TryAddScoped<IFaceDirectory, FaceDirectory>();
        services.AddScoped<FaceAssessing>().AddScoped<LateAssessment>();
        services.AddScoped<SecondLook>().AddScoped<RecogniserSwitch>().AddScoped<Reembedder>();

        // In this order before the first request: the schema, whether its vectors are of use, then the index that follows it, then the photos under way.
        services.AddHostedService<SchemaMigration>();
        services.AddHostedService<RecogniserCheck>();
        services.AddHostedService<IndexSweep>();
        services.AddHostedService<FileSweep>();
        services.AddHostedService<ErasureSweep>();
        services.AddHostedService<AuditSweep>();
        services.AddHostedService<JobSweep>();
        services.AddHostedService<PhotoSweep>();
        services.AddHostedService<OutboxRelay>();
        services.AddHostedService<PhotoMetrics>();
        services.AddHostedService<GroupWorker>();
        services.AddHostedService<ReprocessWorker>();
        services.AddHostedService<AssessmentSweep>();
        services.AddHealthChecks().AddCheck<IdentityHealth>(ServiceNames.Identity);
    }

    /// <summary>What identity does when an event arrives; for the host's bus.</summary>
    public static void AddIdentityConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddConsumer<PhotoStoredConsumer, PhotoConsumerDefinition<PhotoStoredConsumer>>();
        bus.AddConsumer<FacesDetectedConsumer, PhotoConsumerDefinition<FacesDetectedConsumer>>();
        bus.AddConsumer<FacesIndexedConsumer, PhotoConsumerDefinition<FacesIndexedConsumer>>();
    }

    /// <summary>Embeds every face with the loaded recogniser, for a host that is built and not started; see <see cref="Reembedder"/>.</summary>
    /// <param name="services">The host's.</param>
    /// <param name="found">Told once how many faces there are to embed.</param>
    /// <param name="advanced">Told now and then how many more have been worked on.</param>
    /// <param name="cancellationToken">What is done stays, and need not be done again.</param>
    public static async Task<ReembeddingReport> ReembedAsync(
        this IServiceProvider services, Action<long> found, Action<int> advanced, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<Reembedder>().RunAsync(found, advanced, cancellationToken);
    }

    /// <summary>What other services call; for a process of its own.</summary>
    public static void MapInternalIdentity(this IEndpointRouteBuilder app) => app.MapInternalApi();

    /// <summary>Runs the service where it is a process of its own.</summary>
    /// <returns>The exit code; 1 where it does not start for a reason that its operator can change, which is said in a sentence.</returns>
    public static async Task<int> RunIdentityAsync(this WebApplication app)
    {
        try
        {
            await app.RunAsync();
            return Environment.ExitCode;
        }
        catch (FailureException e)
        {
            await Console.Error.WriteLineAsync($"{ServiceNames.Identity}: {e.Message}");
            return 1;
        }
    }

    public static void MapIdentity(this IEndpointRouteBuilder app)
    {
        app.MapDeviceApi();
        app.MapRecordsApi();
        app.MapAnalyticsApi();
        app.MapRecognitionApi();
        app.MapLibraryApi();
        app.MapPhotosApi();
        app.MapAlbumsApi();
        app.MapJobsApi();
        app.MapReprocessingApi();
        app.MapAuditApi();
        app.MapPeopleApi();
        app.MapQualityFacesApi();
    }
}
