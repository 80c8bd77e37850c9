using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>What an OpenID provider publishes: its configuration and its keys.</summary>
internal sealed class OpenIdProvider : IAsyncDisposable
{
    public const string KeyId = "key-1";

    private WebApplication? _app;

    public RSA Key { get; } = RSA.Create(2048);

    public string Issuer => _app!.Urls.First();

    public static async Task<OpenIdProvider> StartAsync()
    {
        var provider = new OpenIdProvider();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = provider._app = builder.Build();
        var key = provider.Key.ExportParameters(false);
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = provider.Issuer, jwks_uri = $"{provider.Issuer}/keys" }));
        app.MapGet("/keys", () => Results.Json(new
        {
            keys = new[]
            {
                new
                {
                    kty = "RSA", use = "sig", kid = KeyId, alg = "RS256",
                    n = Base64Url.EncodeToString(key.Modulus), e = Base64Url.EncodeToString(key.Exponent)
                }
            },
        }));
        await app.StartAsync();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        Key.Dispose();
        await _app!.DisposeAsync();
    }
}
