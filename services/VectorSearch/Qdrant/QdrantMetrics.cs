using System.Diagnostics.Metrics;
using FaceCloud.Contracts;

namespace FaceCloud.VectorSearch.Qdrant;

/// <summary>Asks now and then how many faces the index holds: a gauge is read at any time and cannot wait for a server.</summary>
internal sealed class QdrantMetrics(QdrantServer server, QdrantCollections collections, IMeterFactory meters, ILogger<QdrantMetrics> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private volatile IReadOnlyDictionary<string, long> _sizes = new Dictionary<string, long>();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        IndexMetrics.Observe(meters, () => _sizes.Select(size => (size.Key, size.Value)));
        using var timer = new PeriodicTimer(Period);
        do
        {
            try
            {
                var sizes = new Dictionary<string, long>();
                foreach (var (recogniser, collection) in await collections.LiveAsync(stoppingToken))
                {
                    sizes[recogniser] = await server.SizeAsync(collection, stoppingToken);
                }

                _sizes = sizes;
            }
            catch (Exception e) when (e is FailureException or CollectionGoneException)
            {
                // Old figures would hide that nobody answers.
                _sizes = new Dictionary<string, long>();
                logger.LogWarning("How many faces the index holds is not known: {Reason}", e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
