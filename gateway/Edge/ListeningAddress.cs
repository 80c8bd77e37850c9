using System.Net;

namespace FaceCloud.Gateway.Edge;

/// <summary>Where the program will listen, read from its settings before it does.</summary>
internal static class ListeningAddress
{
    /// <summary>Whether nobody but this machine can reach it.</summary>
    public static bool IsLoopback(IConfiguration configuration)
    {
        var urls = configuration[WebHostDefaults.ServerUrlsKey];
        if (string.IsNullOrEmpty(urls)
            && !(string.IsNullOrEmpty(configuration[WebHostDefaults.HttpPortsKey]) && string.IsNullOrEmpty(configuration[WebHostDefaults.HttpsPortsKey])))
        {
            return false; // ports without an address mean every address
        }

        return (urls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Concat(configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"] ?? ""))
            .All(IsLoopback);
    }

    private static bool IsLoopback(string url)
    {
        // "http://*:8000" and "http://+:8000" are no URIs, and mean every address.
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address))
        {
            return false;
        }

        return address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }
}
