using FaceCloud.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace FaceCloud.Identity.Quality;

/// <summary>Sees to it that every face is assessed sooner or later: after the start, and then as often as photos are swept.</summary>
internal sealed class AssessmentSweep(IServiceScopeFactory scopes, IOptions<LibraryOptions> options, ILogger<AssessmentSweep> logger)
    : PeriodicWork(scopes, options.Value.SweepPeriod, logger)
{
    protected override string Name => "The sweep of faces to assess";

    protected override async Task WorkAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var (total, assessed) = (0, 0);
        do
        {
            await using var portion = services.CreateAsyncScope();
            assessed = await portion.ServiceProvider.GetRequiredService<LateAssessment>().AssessNextAsync(cancellationToken);
            total += assessed;
        }
        while (assessed > 0);

        if (total > 0)
        {
            Logger.LogInformation("The sweep assessed {Count} faces", total);
        }
    }
}
