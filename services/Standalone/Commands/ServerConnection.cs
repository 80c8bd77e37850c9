using System.CommandLine;
using FaceCloud.Contracts;

namespace FaceCloud.Standalone.Commands;

/// <summary>
/// The server a command talks to over the published APIs: one that runs (<c>--url</c>), or one that this process starts on a free port of the
/// loopback for as long as the command runs. So a command does the same in both cases.
/// </summary>
internal sealed class ServerConnection : IAsyncDisposable
{
    private readonly Server? _server;

    private ServerConnection(HttpClient http, Server? server) => (Http, _server) = (http, server);

    public static Option<Uri?> UrlOption { get; } =
        new("--url") { Description = "A running server, such as http://localhost:8000. Without it the command works on the data folder itself." };

    public static Option<string?> GalleryOption { get; } = new("--gallery") { Description = "The gallery to work in; 'default' without it." };

    /// <summary>Speaks to the server, in the chosen gallery.</summary>
    public HttpClient Http { get; }

    public static async Task<ServerConnection> OpenAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        Server? server = null;
        var address = parsed.GetValue(UrlOption);
        if (address is null)
        {
            server = await Server.BuildAsync(["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Warning", "--Logging:LogLevel:Microsoft.Hosting.Lifetime", "Warning"]);
            await server.App.StartAsync(cancellationToken);
            address = new Uri(server.App.Urls.First());
        }

        var http = new HttpClient { BaseAddress = address };
        if (parsed.GetValue(GalleryOption) is { } gallery)
        {
            http.DefaultRequestHeaders.Add(GalleryHeader.Name, gallery);
        }

        return new ServerConnection(http, server);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_server is not null)
        {
            await _server.App.StopAsync();
            await _server.DisposeAsync();
        }
    }
}
