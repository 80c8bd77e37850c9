using System.Globalization;
using System.Threading.RateLimiting;
using FaceCloud.Contracts;
using Microsoft.Extensions.Options;
using Npgsql;

namespace FaceCloud.Gateway.Edge;

/// <summary>
/// How often a caller may call. The quality dialect's documented limits are for each caller and endpoint in fixed windows of 60 s, counted in the
/// database so that all replicas of the gateway count together. Below them lies a ceiling for each caller over everything, which each replica
/// counts for itself: it is there to keep one client from taking all, not to be exact.
/// </summary>
internal sealed class RateLimits : IDisposable
{
    private const int WindowSeconds = 60;

    // As the contract has them. A star stands for one segment of the path.
    public static readonly (string Method, string Path, int Calls)[] Documented =
    [
        ("GET", "/api/v1/faces/*/quality", 100),
        ("POST", "/api/v1/faces/quality-check", 20),
        ("GET", "/api/v1/albums/*/faces/low-quality", 50),
        ("POST", "/api/v1/faces/filter", 50),
        ("GET", "/api/v1/faces/duplicates", 20),
        ("GET", "/api/v1/faces/outliers", 20),
        ("POST", "/api/v1/faces/*/reprocess", 20),
        ("POST", "/api/v1/albums/*/faces/reprocess", 10),
        ("POST", "/api/v1/faces/batch-delete", 10),
    ];

    private readonly EdgeDatabase _database;
    private readonly TimeProvider _clock;
    private readonly PartitionedRateLimiter<string>? _ceiling;

    public RateLimits(EdgeDatabase database, TimeProvider clock, IOptions<LimitOptions> options)
    {
        (_database, _clock) = (database, clock);
        var calls = options.Value.CallsPerMinute;
        _ceiling = calls == 0 ? null : PartitionedRateLimiter.Create<string, string>(caller => RateLimitPartition.GetFixedWindowLimiter(
            caller, _ => new FixedWindowRateLimiterOptions { PermitLimit = calls, Window = TimeSpan.FromSeconds(WindowSeconds) }));
    }

    /// <summary>Counts a call.</summary>
    /// <exception cref="FailureException"><see cref="Failure.RateLimited"/>: it is one too many.</exception>
    public async Task CountAsync(HttpContext context, string caller)
    {
        var limited = Limit(context.Request);
        KeepBelowCeiling(context, caller, limited?.Calls);
        if (limited is not { } limit)
        {
            return;
        }

        var (calls, reset, left) = await CountAsync(caller, $"{limit.Method} {limit.Path}", context.RequestAborted);
        Tell(context, limit.Calls, Math.Max(0, limit.Calls - calls), reset);
        if (calls > limit.Calls)
        {
            throw TooOften(context, left);
        }
    }

    /// <summary>Counts a call that is refused because nobody said who makes it: it takes none of anybody's, and tells how many there are.</summary>
    /// <exception cref="FailureException"><see cref="Failure.RateLimited"/>: its address has made too many calls altogether.</exception>
    public void CountNobody(HttpContext context)
    {
        var calls = Limit(context.Request)?.Calls;
        KeepBelowCeiling(context, AddressOf(context), calls);
        if (calls is { } allowed)
        {
            Tell(context, allowed, allowed, EndOfWindow());
        }
    }

    /// <summary>Where a call comes from, which stands for the caller while nobody says who it is.</summary>
    public static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "unknown";

    public void Dispose() => _ceiling?.Dispose();

    private void KeepBelowCeiling(HttpContext context, string caller, int? calls)
    {
        using var lease = _ceiling?.AttemptAcquire(caller);
        if (lease is { IsAcquired: false })
        {
            if (calls is { } allowed)
            {
                Tell(context, allowed, 0, EndOfWindow());
            }

            throw TooOften(context, WindowSeconds);
        }
    }

    private static void Tell(HttpContext context, int limit, int remaining, long reset)
    {
        LateHeader.Set(context.Response, "X-RateLimit-Limit", Text(limit));
        LateHeader.Set(context.Response, "X-RateLimit-Remaining", Text(remaining));
        LateHeader.Set(context.Response, "X-RateLimit-Reset", Text(reset));
    }

    /// <summary>By this machine's clock, where nothing is counted in the database.</summary>
    private long EndOfWindow() => ((_clock.GetUtcNow().ToUnixTimeSeconds() / WindowSeconds) + 1) * WindowSeconds;

    private static (string Method, string Path, int Calls)? Limit(HttpRequest request)
    {
        var segments = (request.Path.Value ?? "").TrimEnd('/').Split('/');
        foreach (var limit in Documented)
        {
            var wanted = limit.Path.Split('/');
            if (limit.Method == request.Method && wanted.Length == segments.Length
                && wanted.Zip(segments).All(pair => pair.First == "*" || pair.First.Equals(pair.Second, StringComparison.OrdinalIgnoreCase)))
            {
                return limit;
            }
        }

        return null;
    }

    /// <returns>Calls in this window with this one, its end in seconds since 1970, and the seconds until then; all by the database's clock.</returns>
    private async Task<(int Calls, long Reset, int Left)> CountAsync(string caller, string endpoint, CancellationToken cancellationToken)
    {
        // A call that began before a window's end may be counted after one from behind it, and counts there.
        await using var command = (await _database.OpenAsync(cancellationToken)).CreateCommand(
            $"""
             WITH clock AS (SELECT to_timestamp(floor(extract(epoch FROM now()) / {WindowSeconds}) * {WindowSeconds}) AS start)
             INSERT INTO edge.rate_counts AS counted (principal, endpoint, window_start, calls) SELECT $1, $2, start, 1 FROM clock
             ON CONFLICT (principal, endpoint) DO UPDATE SET
                 calls = CASE WHEN counted.window_start BETWEEN excluded.window_start AND excluded.window_start + interval '{WindowSeconds} s'
                     THEN counted.calls + 1 ELSE 1 END,
                 window_start = CASE WHEN counted.window_start = excluded.window_start + interval '{WindowSeconds} s'
                     THEN counted.window_start ELSE excluded.window_start END
             RETURNING calls, extract(epoch FROM window_start)::bigint + {WindowSeconds},
                 ceil(extract(epoch FROM window_start) + {WindowSeconds} - extract(epoch FROM now()))::int
             """);
        command.Parameters.Add(new NpgsqlParameter { Value = caller });
        command.Parameters.Add(new NpgsqlParameter { Value = endpoint });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt32(0), reader.GetInt64(1), Math.Max(1, reader.GetInt32(2)));
    }

    private static FailureException TooOften(HttpContext context, int seconds)
    {
        LateHeader.Set(context.Response, "Retry-After", Text(seconds));
        return new FailureException(Failure.RateLimited, "Rate limit exceeded");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
