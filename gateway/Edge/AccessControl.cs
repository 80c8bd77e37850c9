using System.Security.Claims;
using FaceCloud.Contracts;
using FaceCloud.ServiceDefaults;
using Microsoft.AspNetCore.Authentication;

namespace FaceCloud.Gateway.Edge;

/// <summary>Lets in who may call, counts the calls, and tells the services who it is.</summary>
internal sealed class AccessControl(RequestDelegate next, EdgeMode mode, RateLimits limits)
{
    public async Task InvokeAsync(HttpContext context)
    {
        Caller.Set(context.Request, null);
        var result = await context.AuthenticateAsync(CallerAuthentication.SchemeName);
        if (result.Failure is { } failure)
        {
            // Credentials that are not valid are never taken for none: their sender would wonder whose faces he sees.
            limits.CountNobody(context);
            throw Unauthenticated(context, failure.Message);
        }

        if (!result.Succeeded)
        {
            if (AccessRules.AsksWhoIsCalling(context.Request.Path, mode.Value))
            {
                limits.CountNobody(context);
                throw Unauthenticated(
                    context, $"Say who you are: send a token as 'Authorization: Bearer ...' or an API key as '{CallerAuthentication.KeyHeader}: ...'.");
            }

            await limits.CountAsync(context, RateLimits.AddressOf(context));
            await next(context);
            return;
        }

        var name = result.Principal.Identity!.Name!;
        await limits.CountAsync(context, name);
        var role = RoleOf(result.Principal)
            ?? throw new FailureException(Failure.Forbidden, "The token names none of the roles viewer, photographer and admin.");
        var required = AccessRules.RequiredRole(context.Request);
        if (role < required)
        {
            throw new FailureException(Failure.Forbidden, $"This needs the role {required.ToString().ToLowerInvariant()}.");
        }

        RequireGallery(context.Request, result.Principal);
        context.User = result.Principal;
        Caller.Set(context.Request, new Caller(name, role.ToString().ToLowerInvariant()));
        await next(context);
    }

    private static FailureException Unauthenticated(HttpContext context, string sentence)
    {
        LateHeader.Set(context.Response, "WWW-Authenticate", "Bearer");
        return new FailureException(Failure.Unauthenticated, sentence);
    }

    /// <summary>The highest of the roles that the token names.</summary>
    private static Role? RoleOf(ClaimsPrincipal principal) => principal.FindAll(Tokens.RoleClaim)
        .Select(claim => Enum.GetValues<Role>().Cast<Role?>().FirstOrDefault(role => role.ToString()!.Equals(claim.Value, StringComparison.OrdinalIgnoreCase)))
        .Max();

    private static void RequireGallery(HttpRequest request, ClaimsPrincipal principal)
    {
        var allowed = principal.FindAll(Tokens.GalleriesClaim).Select(claim => claim.Value).ToArray();
        var asked = request.Headers[GalleryHeader.Name] is [{ } gallery] ? gallery : GalleryHeader.Default;
        if (allowed.Length > 0 && !allowed.Contains(asked, StringComparer.Ordinal))
        {
            throw new FailureException(Failure.Forbidden, "These credentials are for another gallery.");
        }
    }
}
