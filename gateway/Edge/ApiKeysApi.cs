using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.RegularExpressions;
using FaceCloud.Contracts;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Gateway.Edge;

/// <summary><c>/api/v1/auth/keys</c>: API keys, for admins; what <c>facecloud token</c> calls.</summary>
internal static partial class ApiKeysApi
{
    public const string Path = "/api/v1/auth/keys";

    public static void MapApiKeysApi(this IEndpointRouteBuilder app)
    {
        var keys = app.MapGroup(Path).WithTags("operations");
        keys.MapPost("", CreateAsync).WithSummary("Make an API key; it is shown once");
        keys.MapGet("", ListAsync).WithSummary("The API keys, without their secrets");
        keys.MapDelete("/{name}", RevokeAsync).WithSummary("Revoke an API key");
    }

    [Fails(Failure.Conflict)]
    private static async Task<Ok<Created>> CreateAsync(HttpRequest http, ApiKeys keys, CancellationToken cancellationToken)
    {
        var request = await JsonBody.ReadAsync<Request>(http, cancellationToken);
        if (request.Name is not { } name || !Name().IsMatch(name))
        {
            throw new FailureException(Failure.InvalidRequest, "The name must be 1 to 64 letters, digits, '.', '-' or '_', starting with a letter or digit.");
        }

        if (request.Galleries is { } galleries && (galleries.Length == 0 || !galleries.All(gallery => gallery is not null && Name().IsMatch(gallery))))
        {
            throw new FailureException(Failure.InvalidRequest, "The galleries must be a list of galleries' names; leave it out for all of them.");
        }

        var role = RoleName.Require(request.Role);
        var key = await keys.CreateAsync(name, role, request.Galleries, cancellationToken);
        return TypedResults.Ok(new Created(name, role.ToString().ToLowerInvariant(), request.Galleries, key));
    }

    private static async Task<Ok<Listed[]>> ListAsync(ApiKeys keys, CancellationToken cancellationToken) =>
        TypedResults.Ok((await keys.ListAsync(cancellationToken)).Select(key => new Listed(
            key.Name,
            key.Role.ToString().ToLowerInvariant(),
            key.Galleries,
            key.CreatedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))).ToArray());

    private static async Task<NoContent> RevokeAsync(string name, ApiKeys keys, CancellationToken cancellationToken) =>
        await keys.RevokeAsync(name, cancellationToken)
            ? TypedResults.NoContent()
            : throw new FailureException(Failure.NotFound, $"There is no key '{name}'.");

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex Name();

    /// <param name="Name">1 to 64 letters, digits, '.', '-' or '_'.</param>
    /// <param name="Role">What may be done with it.</param>
    /// <param name="Galleries">The galleries it is for; all of them without.</param>
    internal sealed record Request(
        [property: Required, StringLength(64, MinimumLength = 1)] string? Name,
        [property: Required, AllowedValues("viewer", "photographer", "admin")] string? Role,
        string[]? Galleries);

    internal sealed record Created(string Name, string Role, string[]? Galleries, string Key);

    internal sealed record Listed(string Name, string Role, string[]? Galleries, string CreatedAt);
}
