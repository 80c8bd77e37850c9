using Microsoft.AspNetCore.Http;

namespace FaceCloud.ServiceDefaults;

/// <summary>Links that a client can follow from anywhere: by the name under which it reached the program, or the gateway or proxy before it.</summary>
public static class PublicAddress
{
    /// <param name="request">The client's; what proxies say in <c>X-Forwarded-Proto</c> and <c>X-Forwarded-Host</c> is believed, the outermost first.</param>
    /// <param name="link">A path, or an address, which stays as it is.</param>
    public static string Of(HttpRequest request, string link)
    {
        if (!link.StartsWith('/'))
        {
            return link;
        }

        var scheme = Outermost(request, "X-Forwarded-Proto") switch
        {
            "http" => "http",
            "https" => "https",
            _ => request.Scheme,
        };
        var host = Outermost(request, "X-Forwarded-Host") is { Length: > 0 } forwarded && forwarded.All(IsOfAHost) ? forwarded : request.Host.Value;
        return string.IsNullOrEmpty(host) ? link : $"{scheme}://{host}{link}";
    }

    private static bool IsOfAHost(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '[' or ']';

    private static string? Outermost(HttpRequest request, string header) =>
        request.Headers[header] is [{ } value, ..] ? value.Split(',')[0].Trim() : null;
}
