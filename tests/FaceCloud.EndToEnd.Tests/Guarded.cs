using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Xunit.Sdk;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>A program that asks everybody, and accepts the tokens of an OpenID provider.</summary>
[CollectionDefinition(Name)]
public sealed class Guarded : IAsyncLifetime, ICollectionFixture<Guarded>
{
    /// <summary>Of the classes that share it.</summary>
    public const string Name = "guarded";

    private readonly DataFolder _data = new();
    private readonly Dictionary<string, string> _keys = [];
    private readonly SemaphoreSlim _one = new(1);
    private OpenIdProvider? _provider;
    private FaceCloudProcess? _program;
    private SkipException? _missing;

    public FaceCloudProcess Program => _program ?? throw _missing!;

    public HttpClient Http => Program.Http;

    public string Data => Program.Data;

    public byte[] Secret => Convert.FromBase64String(File.ReadAllText(Path.Combine(Data, "token.key")));

    public async ValueTask InitializeAsync()
    {
        try
        {
            _provider = await OpenIdProvider.StartAsync();
            _program = await FaceCloudProcess.StartAsync(
                _data.Path,
                new Dictionary<string, string>
                {
                    ["Auth__Mode"] = "Protected",
                    ["Auth__Authority"] = _provider.Issuer,
                    ["Auth__DevelopmentIssuer"] = "true"
                });
        }
        catch (SkipException missing)
        {
            // A test may skip; a fixture that does fails its tests.
            _missing = missing;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_program is not null)
        {
            await _program.DisposeAsync();
        }

        await _provider!.DisposeAsync();
        _one.Dispose();
        _data.Dispose();
    }

    public async Task SayAsync(HttpRequestMessage request, string caller)
    {
        _ = Http;
        var provider = new HandMadeToken { Algorithm = "RS256", KeyId = OpenIdProvider.KeyId, Issuer = _provider!.Issuer };
        switch (caller)
        {
            case "anonymous":
                return;
            case "revoked key" or "key of a viewer" or "key of a photographer" or "key of a admin":
                request.Headers.Add("X-Api-Key", await KeyAsync(caller));
                return;
            default:
                request.Headers.Authorization = new("Bearer", caller switch
                {
                    "expired" => new HandMadeToken { Role = "admin", Expires = DateTimeOffset.UtcNow.AddMinutes(-5) }.SignWith(Secret),
                    "wrong issuer" => new HandMadeToken { Role = "admin", Issuer = "somebody" }.SignWith(Secret),
                    "wrong audience" => new HandMadeToken { Role = "admin", Audience = "something" }.SignWith(Secret),
                    "alg none" => new HandMadeToken { Role = "admin", Algorithm = "none" }.Sign(_ => []),
                    "another's signature" => new HandMadeToken { Role = "admin" }.SignWith(new byte[32]),
                    "public key as secret" => (provider with { Role = "admin", Algorithm = "HS256" })
                        .SignWith(Encoding.ASCII.GetBytes(_provider.Key.ExportSubjectPublicKeyInfoPem())),
                    "no token" => "no.token.atall",
                    "no role" => new HandMadeToken { Role = null }.SignWith(Secret),
                    _ when caller.StartsWith("another ", StringComparison.Ordinal) =>
                        new HandMadeToken { Subject = "ben", Role = caller[8..] }.SignWith(Secret),
                    _ when caller.EndsWith(" of the provider", StringComparison.Ordinal) =>
                        (provider with { Role = caller.Split(' ')[0] }).SignWith(_provider.Key),
                    _ => new HandMadeToken { Role = caller }.SignWith(Secret),
                });
                return;
        }
    }

    /// <summary>A client of somebody with a token.</summary>
    public HttpClient As(string name, string role)
    {
        var http = new HttpClient { BaseAddress = Http.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new("Bearer", new HandMadeToken { Subject = name, Role = role }.SignWith(Secret));
        return http;
    }

    public async Task<string> CreateKeyAsync(string name, string role, string? gallery = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/keys")
        {
            Content = JsonContent.Create(new { name, role, galleries = gallery is null ? null : new[] { gallery } }),
        };
        request.Headers.Authorization = new("Bearer", new HandMadeToken { Role = "admin" }.SignWith(Secret));
        using var response = await Http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return (string)(await response.Content.ReadFromJsonAsync<JsonNode>())!["key"]!;
    }

    private async Task<string> KeyAsync(string caller)
    {
        await _one.WaitAsync();
        try
        {
            if (_keys.TryGetValue(caller, out var known))
            {
                return known;
            }

            var name = caller.Replace(' ', '-');
            var key = _keys[caller] = await CreateKeyAsync(name, caller == "revoked key" ? "admin" : caller.Split(' ')[^1]);
            if (caller == "revoked key")
            {
                using var request = new HttpRequestMessage(HttpMethod.Delete, $"/api/v1/auth/keys/{name}");
                request.Headers.Authorization = new("Bearer", new HandMadeToken { Role = "admin" }.SignWith(Secret));
                using var response = await Http.SendAsync(request);
                response.EnsureSuccessStatusCode();
            }

            return key;
        }
        finally
        {
            _one.Release();
        }
    }
}
