using System.Text.Json;
using FaceCloud.ServiceDefaults.Calls;
using FaceCloud.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FaceCloud.Gateway;

/// <summary>What a service says of itself, so that the gateway's <c>/health</c> is the union of all.</summary>
internal sealed class ServiceHealth(Service service, IConfiguration configuration, IHttpClientFactory clients) : IHealthCheck
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Asks one replica after the other until one is healthy.</summary>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var result = HealthCheckResult.Unhealthy();
        foreach (var address in ServiceAddresses.Of(configuration, service.Name))
        {
            result = await AskAsync(address, cancellationToken);
            if (result.Status == HealthStatus.Healthy)
            {
                break;
            }
        }

        return result.Status == HealthStatus.Unhealthy
            ? new HealthCheckResult(context.Registration.FailureStatus, result.Description, data: result.Data)
            : result;
    }

    private async Task<HealthCheckResult> AskAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var http = clients.CreateClient(nameof(ServiceHealth));
            using var response = await http.GetAsync(new Uri(address, "/health"), cancellationToken);
            using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return new HealthCheckResult(
                Enum.Parse<HealthStatus>(body.RootElement.GetProperty("status").GetString()!, ignoreCase: true),
                $"The {service.Name} service says so.",
                data: Facts(body.RootElement));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy($"The {service.Name} service does not answer.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            return HealthCheckResult.Unhealthy($"What answers for the {service.Name} service is something else.");
        }
    }

    private static Dictionary<string, object> Facts(JsonElement body) => HealthFacts.Names
        .Where(name => body.TryGetProperty(name, out var fact) && fact.ValueKind != JsonValueKind.Null)
        .ToDictionary(name => name, name => (object)body.GetProperty(name).Clone());
}
