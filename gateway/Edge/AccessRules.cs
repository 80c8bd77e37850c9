using FaceCloud.Gateway.Edge.OpenApi;
using FaceCloud.ServiceDefaults.Errors;

namespace FaceCloud.Gateway.Edge;

/// <summary>Which call needs which role.</summary>
internal static class AccessRules
{
    /// <summary>Calls that only look, though they are POSTs: their question does not fit into a URL.</summary>
    private static readonly string[] Questions =
    [
        "/v1/detect", "/v1/embed", "/v1/recognize", "/records/match", "/api/v1/faces/quality-check", "/api/v1/faces/filter",
    ];

    private static readonly PathString[] ForAdmins = ["/maintenance", ApiKeysApi.Path, "/api/v1/audit", "/api/v1/people", "/api/v1/erasures"];

    // Health is for load balancers, the token endpoint for those who have no token yet, the description of the calls for those who write clients, and links
    // to thumbnails are signed.
    private static readonly PathString[] ForAnybody =
        ["/health", AuthApi.TokenPath, DescriptionApi.DocumentPath, DescriptionApi.PagePath, "/processed/thumbnails"];

    /// <summary>Whether a call says who is asking, in whatever mode.</summary>
    public static bool AsksWhoIsCalling(PathString path, AuthMode mode) =>
        !ForAnybody.Any(open => path.StartsWithSegments(open)) && (mode == AuthMode.Protected || Dialect.Of(path) == Dialect.Quality);

    /// <summary>The least role that may make a call.</summary>
    public static Role RequiredRole(HttpRequest request) => request switch
    {
        var r when ForAdmins.Any(path => r.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase)) => Role.Admin,
        var r when HttpMethods.IsGet(r.Method) || HttpMethods.IsHead(r.Method) || HttpMethods.IsOptions(r.Method) => Role.Viewer,
        var r when HttpMethods.IsPost(r.Method) && Questions.Contains(r.Path.Value?.TrimEnd('/'), StringComparer.OrdinalIgnoreCase) => Role.Viewer,
        _ => Role.Photographer,
    };
}
