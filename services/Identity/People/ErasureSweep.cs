using FaceCloud.ServiceDefaults;

namespace FaceCloud.Identity.People;

/// <summary>At the start and then every minute, goes on with erasures that a crash or a server that was away interrupted.</summary>
internal sealed class ErasureSweep(IServiceScopeFactory scopes, ILogger<ErasureSweep> logger) : PeriodicWork(scopes, TimeSpan.FromMinutes(1), logger)
{
    protected override string Name => "The sweep of erasures";

    protected override Task WorkAsync(IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetRequiredService<PersonErasure>().FinishAllAsync(cancellationToken);
}
