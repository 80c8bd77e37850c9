using System.Security.Claims;
using FaceCloud.Contracts;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace FaceCloud.Gateway.Edge;

/// <summary>JSON Web Tokens (RFC 7519): made for development and for the command line, and validated; the library decides, never code of ours.</summary>
internal sealed class Tokens(IOptions<AuthOptions> options, ProviderKeys keys, TimeProvider clock)
{
    public const string RoleClaim = "role";
    public const string GalleriesClaim = "galleries";

    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);
    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false };

    /// <summary>A token of ours.</summary>
    /// <exception cref="FailureException"><see cref="Failure.Unavailable"/>: there is no key to sign it with.</exception>
    public string Create(string subject, Role role, TimeSpan life) => Create(options.Value, subject, role, life, clock.GetUtcNow());

    /// <inheritdoc cref="Create(string, Role, TimeSpan)"/>
    public static string Create(AuthOptions options, string subject, Role role, TimeSpan life, DateTimeOffset now)
    {
        var secret = options.Secret() ?? throw new FailureException(Failure.Unavailable, $"Auth:{nameof(AuthOptions.SigningKey)} is not set.");
        return Handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = options.Issuer,
            Audience = options.Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = (now + life).UtcDateTime,
            Claims = new Dictionary<string, object> { [JwtRegisteredClaimNames.Sub] = subject, [RoleClaim] = role.ToString().ToLowerInvariant() },
            SigningCredentials = new SigningCredentials(secret, SecurityAlgorithms.HmacSha256),
        });
    }

    /// <summary>Whose token it is; null if it is not valid.</summary>
    public async Task<ClaimsIdentity?> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        if (KeyIdOf(token) is not { } keyId)
        {
            return null;
        }

        var (issuer, published) = await keys.GetAsync(keyId, cancellationToken);
        if (options.Value.Secret() is { } secret && await ValidateAsync(token, options.Value.Issuer, [secret], [SecurityAlgorithms.HmacSha256]) is { } ours)
        {
            return ours;
        }

        // Each issuer with its own kind of key: a published key is never a secret, so a token signed with it as one is not valid.
        return issuer is null ? null : await ValidateAsync(token, issuer, published, [
            SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256,
            SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512]);
    }

    /// <returns>Empty where it names none; null for what is no token at all.</returns>
    private static string? KeyIdOf(string token)
    {
        try
        {
            return Handler.CanReadToken(token) ? Handler.ReadJsonWebToken(token).Kid ?? "" : null;
        }
        catch (ArgumentException)
        {
            return null; // three parts, but not of a token
        }
    }

    private async Task<ClaimsIdentity?> ValidateAsync(string token, string issuer, IReadOnlyList<SecurityKey> signers, string[] algorithms)
    {
        var result = await Handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = issuer,
            ValidAudience = options.Value.Audience,
            IssuerSigningKeys = signers,
            ValidAlgorithms = algorithms,
            ClockSkew = Skew,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            NameClaimType = JwtRegisteredClaimNames.Sub,
            RoleClaimType = RoleClaim,
        });
        return result.IsValid && !string.IsNullOrEmpty(result.ClaimsIdentity.Name) ? result.ClaimsIdentity : null;
    }
}
