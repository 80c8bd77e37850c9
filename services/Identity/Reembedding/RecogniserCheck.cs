using FaceCloud.Contracts;
using FaceCloud.Contracts.Ports;
using FaceCloud.Identity.Data;

namespace FaceCloud.Identity.Reembedding;

/// <summary>
/// Refuses to start with a recogniser that the gallery's faces were not embedded with: vectors of two networks cannot be compared, so nobody would be
/// recognised any more, and each dialect would say so as if it were true. Where the embedding service is not up yet, the service starts, answers what
/// needs no network, and is stopped later if it has to be.
/// </summary>
internal sealed class RecogniserCheck(IServiceScopeFactory scopes, IHostApplicationLifetime lifetime, ILogger<RecogniserCheck> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private bool _isDone;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await LoadedAsync(cancellationToken) is { } loaded)
        {
            await RefuseOtherAsync(loaded, cancellationToken);
            _isDone = true;
        }
        else
        {
            logger.LogWarning("The embedding service does not say yet which recogniser is loaded; the faces are held against it as soon as it does");
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period);
        while (!_isDone && await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await LoadedAsync(stoppingToken) is { } loaded)
                {
                    await RefuseOtherAsync(loaded, stoppingToken);
                    _isDone = true;
                }
            }
            catch (FailureException e) when (e.Failure == Failure.Conflict)
            {
                logger.LogCritical("{Reason}", e.Message);
                Environment.ExitCode = 1;
                lifetime.StopApplication();
                return;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // The database may be away.
                logger.LogError(e, "The faces could not be held against the loaded recogniser; it is tried again in {Period}", Period);
            }
        }
    }

    /// <summary>The name of the loaded recogniser; null while nobody says.</summary>
    private async Task<string?> LoadedAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        try
        {
            return (await scope.ServiceProvider.GetRequiredService<IFaceEmbedder>().EmbedAsync([], cancellationToken)).Recogniser.Name;
        }
        catch (FailureException e) when (e.Failure is Failure.Unavailable or Failure.Busy)
        {
            return null;
        }
    }

    /// <exception cref="FailureException"><see cref="Failure.Conflict"/>: faces are known by another recogniser only.</exception>
    private async Task RefuseOtherAsync(string loaded, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        if (await OtherRecogniser.FindAsync(scope.ServiceProvider.GetRequiredService<IdentityDb>(), loaded, cancellationToken) is { } other)
        {
            throw new FailureException(
                Failure.Conflict,
                $"{other.Faces} {(other.Faces == 1 ? "face was" : "faces were")} embedded with the recogniser {other.Name}, "
                + $"but {loaded} is loaded, and vectors "
                + $"of the two cannot be compared; set Models:Recogniser={other.Name}, or run 'facecloud models migrate' to embed all faces with {loaded}.");
        }
    }
}
