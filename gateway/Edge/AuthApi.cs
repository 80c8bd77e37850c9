using System.ComponentModel.DataAnnotations;
using FaceCloud.Contracts;
using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace FaceCloud.Gateway.Edge;

/// <summary><c>POST /api/v1/auth/token</c>: a token for development, where <c>Auth:DevelopmentIssuer</c> is set.</summary>
internal static class AuthApi
{
    public const string TokenPath = "/api/v1/auth/token";

    private static readonly TimeSpan Life = TimeSpan.FromHours(12);

    public static void MapAuthApi(this IEndpointRouteBuilder app)
    {
        if (app.ServiceProvider.GetRequiredService<IOptions<AuthOptions>>().Value.DevelopmentIssuer)
        {
            app.MapPost(TokenPath, CreateAsync).WithTags("operations").WithSummary("A token for development; there where Auth:DevelopmentIssuer is set");
        }
    }

    private static async Task<Ok<Response>> CreateAsync(HttpRequest http, Tokens tokens, CancellationToken cancellationToken)
    {
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        if (string.IsNullOrWhiteSpace(request.Sub) || request.Sub.Length > 200)
        {
            throw new FailureException(Failure.InvalidRequest, "The field 'sub' must name who the token is for, in at most 200 characters.");
        }

        return TypedResults.Ok(new Response(tokens.Create(request.Sub, RoleName.Require(request.Role), Life), "Bearer", (int)Life.TotalSeconds));
    }

    /// <param name="Sub">Whom the token is for.</param>
    /// <param name="Role">What they may do.</param>
    internal sealed record Request(
        [property: Required, StringLength(200, MinimumLength = 1)] string? Sub,
        [property: Required, AllowedValues("viewer", "photographer", "admin")] string? Role);

    internal sealed record Response(string AccessToken, string TokenType, int ExpiresIn);
}
