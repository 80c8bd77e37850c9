using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace FaceCloud.Gateway.Edge;

/// <summary>Reads a token (<c>Authorization: Bearer ...</c>, RFC 6750) or an API key (<c>X-Api-Key: ...</c>).</summary>
internal sealed class CallerAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, Tokens tokens, ApiKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "FaceCloud";
    public const string KeyHeader = "X-Api-Key";

    private const string Bearer = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var (authorization, key) = (Request.Headers.Authorization, Request.Headers[KeyHeader]);
        if (authorization.Count + key.Count == 0)
        {
            return AuthenticateResult.NoResult();
        }

        if (authorization.Count + key.Count > 1)
        {
            return AuthenticateResult.Fail($"Send one token or one {KeyHeader}.");
        }

        if (key is [{ } text])
        {
            return await keys.FindAsync(text, Context.RequestAborted) is { } known
                ? Success(Identity(known))
                : AuthenticateResult.Fail("The API key is not valid.");
        }

        return authorization is [{ } header] && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            && await tokens.ValidateAsync(header[Bearer.Length..].Trim(), Context.RequestAborted) is { } identity
                ? Success(identity)
                : AuthenticateResult.Fail("The token is not valid.");
    }

    private static AuthenticateResult Success(ClaimsIdentity identity) =>
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));

    private static ClaimsIdentity Identity(ApiKey key) => new(
        [
            new Claim(ClaimTypes.Name, $"key:{key.Name}"),
            new Claim(Tokens.RoleClaim, key.Role.ToString().ToLowerInvariant()),
            .. (key.Galleries ?? []).Select(gallery => new Claim(Tokens.GalleriesClaim, gallery)),
        ],
        SchemeName, ClaimTypes.Name, Tokens.RoleClaim);
}
