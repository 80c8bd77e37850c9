using System.ComponentModel.DataAnnotations;
using Microsoft.IdentityModel.Tokens;

namespace FaceCloud.Gateway.Edge;

/// <summary>Who may call; section <c>Auth</c>.</summary>
public sealed class AuthOptions
{
    /// <summary>
    /// <c>Open</c>: only the quality dialect asks who is calling. <c>Protected</c>: everything but <c>/health</c> does. Not set: open while the program
    /// listens on the loopback alone, protected otherwise.
    /// </summary>
    public AuthMode? Mode { get; set; }

    /// <summary>True: <c>Open</c> is meant on an address that others reach, too. Without it such a program does not start.</summary>
    public bool AllowOpenNetwork { get; set; }

    /// <summary>The issuer (<c>iss</c>) of tokens signed with <see cref="SigningKey"/>.</summary>
    [Required]
    public string Issuer { get; set; } = "facecloud";

    /// <summary>The audience (<c>aud</c>) every token must be for.</summary>
    [Required]
    public string Audience { get; set; } = "facecloud";

    /// <summary>The secret of tokens signed with HS256, in base64, 32 bytes at least. The standalone program makes one in its data folder.</summary>
    public string? SigningKey { get; set; }

    /// <summary>
    /// An OpenID provider whose tokens are accepted, too: the address below which <c>/.well-known/openid-configuration</c> is. It is their issuer.
    /// </summary>
    public Uri? Authority { get; set; }

    /// <summary>True: <c>POST /api/v1/auth/token</c> gives a token to anybody who asks, for development.</summary>
    public bool DevelopmentIssuer { get; set; }

    /// <summary><see cref="SigningKey"/> to sign and validate with; null where none is set.</summary>
    internal SymmetricSecurityKey? Secret() => SigningKey is { } key ? new SymmetricSecurityKey(Convert.FromBase64String(key)) : null;
}

/// <summary>Whether callers have to say who they are.</summary>
public enum AuthMode
{
    Open,
    Protected,
}
