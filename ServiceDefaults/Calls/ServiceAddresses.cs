using Microsoft.Extensions.Configuration;

namespace FaceCloud.ServiceDefaults.Calls;

/// <summary>
/// Where other services are: <c>services:detection:http:0</c>, <c>:1</c> and so on (as environment variables <c>services__detection__http__0</c>),
/// or the same with <c>https</c>, which goes first. Aspire sets these by itself; everyone else writes them. Under <c>http2</c> may be, for calls between
/// services, addresses that speak HTTP/2 without TLS and nothing else.
/// </summary>
public static class ServiceAddresses
{
    /// <summary>All addresses of a service.</summary>
    /// <exception cref="InvalidOperationException">There is none, or one that is no http address. The program does not start.</exception>
    public static IReadOnlyList<Uri> Of(IConfiguration configuration, string service)
    {
        Uri[] addresses = [.. Read(configuration, service, "https"), .. Read(configuration, service, "http")];
        return addresses.Length > 0
            ? addresses
            : throw new InvalidOperationException($"Where the {service} service is has to be set: services:{service}:http:0, as in http://{service}:8080.");
    }

    /// <summary>The addresses that speak HTTP/2 without TLS; there may be none.</summary>
    /// <exception cref="InvalidOperationException">One is no http address. The program does not start.</exception>
    public static IReadOnlyList<Uri> OfHttp2(IConfiguration configuration, string service) => [.. Read(configuration, service, "http2")];

    private static IEnumerable<Uri> Read(IConfiguration configuration, string service, string endpoint) =>
        from child in configuration.GetSection($"services:{service}:{endpoint}").GetChildren()
        where !string.IsNullOrEmpty(child.Value)
        select Uri.TryCreate(child.Value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new InvalidOperationException($"'{child.Value}' is no address of the {service} service; one is like http://{service}:8080.");
}
