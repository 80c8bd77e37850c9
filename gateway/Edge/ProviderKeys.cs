using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace FaceCloud.Gateway.Edge;

/// <summary>The keys that an OpenID provider publishes for its tokens.</summary>
internal sealed class ProviderKeys(IOptions<AuthOptions> options, IHttpClientFactory clients, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Keep = TimeSpan.FromMinutes(10);

    // A token with an unknown key may be signed with a new one; but nobody makes us ask the provider at each call.
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _one = new(1);
    private Provider _provider = new(null, [], DateTimeOffset.MinValue);

    /// <summary>The provider's issuer and keys, asked for when they are old, or when <paramref name="keyId"/> is not among them.</summary>
    /// <exception cref="HttpRequestException">The provider does not answer, and never did.</exception>
    public async Task<(string? Issuer, IReadOnlyList<SecurityKey> Keys)> GetAsync(string? keyId, CancellationToken cancellationToken)
    {
        if (options.Value.Authority is not { } authority)
        {
            return (null, []);
        }

        if (!IsGood(_provider))
        {
            await _one.WaitAsync(cancellationToken);
            try
            {
                if (!IsGood(_provider))
                {
                    _provider = await AskAsync(authority, cancellationToken);
                }
            }
            catch (HttpRequestException) when (_provider.Keys.Count > 0)
            {
                // The provider is away for a moment: its keys do not change often.
            }
            finally
            {
                _one.Release();
            }
        }

        return (_provider.Issuer, _provider.Keys);

        bool IsGood(Provider provider)
        {
            var age = clock.GetUtcNow() - provider.AskedAt;
            return age < AskAgain || (age < Keep && provider.Keys.Any(key => key.KeyId == keyId));
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<Provider> AskAsync(Uri authority, CancellationToken cancellationToken)
    {
        // OpenID Connect Discovery 1.0, section 4.
        using var http = clients.CreateClient(nameof(ProviderKeys));
        var configuration = await http.GetFromJsonAsync<Discovery>($"{authority.AbsoluteUri.TrimEnd('/')}/.well-known/openid-configuration", cancellationToken)
            ?? throw new HttpRequestException("The provider's configuration is empty.");
        var keys = new JsonWebKeySet(await http.GetStringAsync(configuration.JwksUri, cancellationToken)).GetSigningKeys();
        return new Provider(configuration.Issuer, [.. keys], clock.GetUtcNow());
    }

    private sealed record Provider(string? Issuer, IReadOnlyList<SecurityKey> Keys, DateTimeOffset AskedAt);

    private sealed record Discovery(
        [property: System.Text.Json.Serialization.JsonPropertyName("issuer")] string Issuer,
        [property: System.Text.Json.Serialization.JsonPropertyName("jwks_uri")] Uri JwksUri);
}
