using FaceCloud.ServiceDefaults.Errors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FaceCloud.ServiceDefaults;

/// <summary>Work that is done at the start and then again and again. What goes wrong with it is logged, and the next time comes all the same.</summary>
/// <param name="scopes">Each time has a scope of its own.</param>
/// <param name="period">From one time to the next.</param>
/// <param name="logger">For what goes wrong.</param>
/// <param name="isFirstBeforeReady">Whether the service is not ready before the first time has ended, well or badly.</param>
public abstract class PeriodicWork(IServiceScopeFactory scopes, TimeSpan period, ILogger logger, bool isFirstBeforeReady = false) : BackgroundService
{
    /// <summary>What it does, as the subject of a sentence in the log: "The sweep of photos".</summary>
    protected abstract string Name { get; }

    protected ILogger Logger { get; } = logger;

    public sealed override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (isFirstBeforeReady)
        {
            await TryAsync(cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    protected abstract Task WorkAsync(IServiceProvider services, CancellationToken cancellationToken);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(period);
        if (!isFirstBeforeReady)
        {
            await TryAsync(stoppingToken);
        }

        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryAsync(stoppingToken);
        }
    }

    private async Task TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await WorkAsync(scope.ServiceProvider, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The same exceptions as for a request, a time limit of a client's among them: none of them may end the process.
            if (Outage.MayPass(e))
            {
                Logger.LogWarning("{Work} waits for what is away and is tried again in {Period}: {Reason}", Name, period, e.Message);
            }
            else
            {
                Logger.LogError(e, "{Work} failed and is tried again in {Period}", Name, period);
            }
        }
    }
}
