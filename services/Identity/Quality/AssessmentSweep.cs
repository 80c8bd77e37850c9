using FaceCloud.ServiceDefaults.Errors;
using Microsoft.Extensions.Options;

namespace FaceCloud.Identity.Quality;

/// <summary>Sees to it that every face is assessed sooner or later: after the start, and then as often as photos are swept.</summary>
internal sealed class AssessmentSweep(IServiceScopeFactory scopes, IOptions<LibraryOptions> options, ILogger<AssessmentSweep> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepPeriod);
        do
        {
            await SweepAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (total, assessed) = (0, 0);
            do
            {
                await using var scope = scopes.CreateAsyncScope();
                assessed = await scope.ServiceProvider.GetRequiredService<LateAssessment>().AssessNextAsync(cancellationToken);
                total += assessed;
            }
            while (assessed > 0);

            if (total > 0)
            {
                logger.LogInformation("The sweep assessed {Count} faces", total);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Outage.MayPass(e))
        {
            logger.LogWarning("Faces wait to be assessed: {Reason}", e.Message);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogError(e, "The sweep of faces to assess failed; it is tried again");
        }
    }
}
