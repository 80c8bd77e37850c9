using FaceCloud.Contracts;
using Microsoft.Extensions.Options;

namespace FaceCloud.Gateway.Edge;

/// <summary>Whether this program asks its callers who they are.</summary>
internal sealed class EdgeMode
{
    /// <exception cref="FailureException"><see cref="Failure.InvalidRequest"/>: it would be open to others, and nobody said that it should be.</exception>
    public EdgeMode(IOptions<AuthOptions> options, IConfiguration configuration)
    {
        var loopback = ListeningAddress.IsLoopback(configuration);
        Value = options.Value.Mode ?? (loopback ? AuthMode.Open : AuthMode.Protected);
        if (Value == AuthMode.Open && !loopback && !options.Value.AllowOpenNetwork)
        {
            throw new FailureException(
                Failure.InvalidRequest,
                "Auth:Mode=Open lets everybody who reaches this address see and change all faces. Listen on localhost, leave Auth:Mode out, "
                    + $"or say that it is meant with Auth:{nameof(AuthOptions.AllowOpenNetwork)}=true.");
        }
    }

    public AuthMode Value { get; }
}
