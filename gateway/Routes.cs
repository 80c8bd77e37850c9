using FaceCloud.Contracts;
using Yarp.ReverseProxy.Configuration;

namespace FaceCloud.Gateway;

/// <summary>
/// Which service answers what. A path that is not here is answered 404 by the gateway itself, in the form of the dialect that owns its prefix;
/// so are the services' <c>/internal</c> calls.
/// </summary>
internal static class Routes
{
    public static readonly IReadOnlyList<RouteConfig> Table =
    [
        // device
        Route("/v1/detect", ServiceNames.Detection),
        Route("/v1/embed", ServiceNames.Embedding),
        Route("/v1/recognize", ServiceNames.Identity),
        Route("/v1/database/{**rest}", ServiceNames.Identity),

        // records
        Route("/records/{**rest}", ServiceNames.Identity),
        Route("/maintenance/{**rest}", ServiceNames.Identity),

        // analytics
        Route("/analyze", ServiceNames.Identity),
        Route("/register", ServiceNames.Identity),
        Route("/stats", ServiceNames.Identity),

        // quality: its assessments; the longer path wins
        Route("/api/v1/faces/{face}/quality", ServiceNames.Quality),
        Route("/api/v1/faces/quality-check", ServiceNames.Quality),
        Route("/api/v1/albums/{album}/faces/low-quality", ServiceNames.Quality),

        // library and the rest of quality, and the files both link to
        Unlimited("/api/{**rest}", ServiceNames.Identity),
        Route("/media/{**rest}", ServiceNames.Identity),
        Route("/processed/{**rest}", ServiceNames.Identity),
    ];

    /// <summary>Takes bodies of any size: uploads of many files are streamed through, and the service knows how large each may be.</summary>
    private static RouteConfig Unlimited(string path, string service) => Route(path, service) with { MaxRequestBodySize = -1 };

    private static RouteConfig Route(string path, string service) =>
        new() { RouteId = path, Match = new RouteMatch { Path = path }, ClusterId = service };
}
