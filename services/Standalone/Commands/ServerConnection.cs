using System.CommandLine;
using System.Net;
using FaceCloud.Contracts;
using FaceCloud.EmbeddedPostgres;
using FaceCloud.Gateway.Edge;

namespace FaceCloud.Standalone.Commands;

/// <summary>
/// The server a command talks to over the published APIs: one that runs (<c>--url</c>), or one that this process starts on a free port of the
/// loopback for as long as the command runs. So a command does the same in both cases.
/// </summary>
internal sealed class ServerConnection : IAsyncDisposable
{
    private const string KeyVariable = "FACECLOUD_API_KEY";

    // An import of a large library takes days.
    private static readonly TimeSpan CommandLife = TimeSpan.FromDays(30);

    private readonly Server? _server;

    private ServerConnection(HttpClient http, Server? server) => (Http, _server) = (http, server);

    public static Option<Uri?> UrlOption { get; } = new("--url")
    {
        Description = "A running server, such as http://localhost:8000. Without it the command works on the data folder itself.",
        CustomParser = url =>
        {
            if (Uri.TryCreate(url.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https"))
            {
                return address;
            }

            url.AddError("--url needs an address such as http://localhost:8000.");
            return null;
        },
    };

    public static Option<string?> GalleryOption { get; } = new("--gallery") { Description = "The gallery to work in; 'default' without it." };

    /// <summary>For a server within a command, whose results standard output is for.</summary>
    public static IReadOnlyList<string> QuietSettings { get; } =
    [
        "--Logging:LogLevel:Default", "Warning",
        "--Logging:LogLevel:Microsoft.Hosting.Lifetime", "Warning",
        "--Logging:Console:LogToStandardErrorThreshold", "Trace",
    ];

    /// <summary>Speaks to the server, in the chosen gallery.</summary>
    public HttpClient Http { get; }

    /// <exception cref="CommandException">Nothing answers there, or a server has the data folder.</exception>
    public static async Task<ServerConnection> OpenAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var address = parsed.GetValue(UrlOption);
        var server = address is null ? await StartAsync(cancellationToken) : null;
        var http = new HttpClient { BaseAddress = Folder(address ?? new Uri(server!.App.Urls.First())) };
        if (parsed.GetValue(GalleryOption) is { } gallery)
        {
            http.DefaultRequestHeaders.TryAddWithoutValidation(GalleryHeader.Name, gallery);
        }

        SayWhoAsks(http);
        var connection = new ServerConnection(http, server);
        try
        {
            await RequireAnswerAsync(http, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
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

    /// <summary>
    /// With the key in the environment; without one, to a server on this machine, as its operator: who can read the data folder is.
    /// </summary>
    private static void SayWhoAsks(HttpClient http)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        if (configuration[KeyVariable] is { Length: > 0 } key)
        {
            http.DefaultRequestHeaders.Add("X-Api-Key", key);
        }
        else if (http.BaseAddress!.IsLoopback
            && (configuration[SecretFile.SigningKey.Setting] ?? SecretFile.SigningKey.ReadIfThere(configuration)) is { } secret)
        {
            configuration[SecretFile.SigningKey.Setting] = secret;
            http.DefaultRequestHeaders.Authorization = new("Bearer", EdgeModule.SignToken(configuration, "operator", "admin", CommandLife));
        }
    }

    private static async Task<Server> StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var server = await Server.BuildAsync(["--urls", "http://127.0.0.1:0", .. QuietSettings]);
            try
            {
                await server.StartAsync(cancellationToken);
                return server;
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }
        catch (EmbeddedPostgresException e) when (e.InUse)
        {
            throw new CommandException($"{e.Message} Or let the command talk to it: --url http://localhost:8000, or wherever it listens.", e);
        }
    }

    private static async Task RequireAnswerAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync("health/live", cancellationToken);
            if (response.StatusCode == HttpStatusCode.Unauthorized && http.DefaultRequestHeaders.Authorization is not null)
            {
                // A server on this machine, but with another data folder: it is asked as everybody asks.
                http.DefaultRequestHeaders.Authorization = null;
            }
            else if (!response.IsSuccessStatusCode)
            {
                throw new CommandException(
                    $"What answers at {http.BaseAddress} is no FaceCloud, or not well: it answers {(int)response.StatusCode} to GET /health/live.");
            }
        }
        catch (HttpRequestException e)
        {
            throw new CommandException($"No FaceCloud answers at {http.BaseAddress}: {e.Message}.", e);
        }
    }

    // Paths are resolved against the last slash.
    private static Uri Folder(Uri address) => address.AbsolutePath.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
}
