using FaceCloud.ServiceDefaults;

namespace FaceCloud.Identity.Photos;

/// <summary>At the start and then every minute, deletes the files that are due: what a crash or a store that was away left behind.</summary>
internal sealed class FileSweep(IServiceScopeFactory scopes, ILogger<FileSweep> logger) : PeriodicWork(scopes, TimeSpan.FromMinutes(1), logger)
{
    protected override string Name => "The sweep of files";

    protected override async Task WorkAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var deleted = await services.GetRequiredService<FileRemovals>().SweepAsync(cancellationToken);
        if (deleted > 0)
        {
            Logger.LogInformation("The sweep deleted the files of {Count} removed or unfinished photos and faces", deleted);
        }
    }
}
