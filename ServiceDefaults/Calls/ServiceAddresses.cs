using Microsoft.Extensions.Configuration;

namespace FaceCloud.ServiceDefaults.Calls;

/// <summary>
/// Where other services are: <c>services:detection:http:0</c>, <c>:1</c> and so on (as environment variables <c>services__detection__http__0</c>),
/// or the same with <c>https</c>, which goes first. Aspire sets these by itself; everyone else writes them.
/// </summary>
public static class ServiceAddresses
{
    /// <summary>All addresses of a service.</summary>
    /// <exception cref="InvalidOperationException">There is none, or one that is no http address. The program does not start.</exception>
    public static IReadOnlyList<Uri> Of(IConfiguration configuration, string service)
    {
        var section = configuration.GetSection("services").GetSection(service);
        string[] addresses = [.. Texts(section.GetSection("https")), .. Texts(section.GetSection("http"))];
        return addresses.Length == 0
            ? throw new InvalidOperationException($"Where the {service} service is has to be set: services:{service}:http:0, as in http://{service}:8080.")
            : [.. addresses.Select(address => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                ? uri
                : throw new InvalidOperationException($"'{address}' is no address of the {service} service; one is like http://{service}:8080."))];
    }

    private static IEnumerable<string> Texts(IConfigurationSection section) =>
        section.GetChildren().Select(child => child.Value).OfType<string>().Where(text => text.Length > 0);
}
