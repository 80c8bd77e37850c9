using Microsoft.AspNetCore.Http;

namespace FaceCloud.ServiceDefaults;

/// <summary>
/// Who is asking, as the edge found out. It tells the services in two headers, which it takes away from what comes from outside; a service behind
/// it must not be reachable past it.
/// </summary>
/// <param name="Name">The subject of a token, <c>key:</c> and the name of an API key, or <see cref="Anonymous"/>.</param>
/// <param name="Role"><c>viewer</c>, <c>photographer</c> or <c>admin</c>; null for somebody anonymous.</param>
public sealed record Caller(string Name, string? Role)
{
    public const string Anonymous = "anonymous";

    /// <summary>The role that sees and does everything.</summary>
    public const string Admin = "admin";

    private const string NameHeader = "X-FaceCloud-Caller";
    private const string RoleHeader = "X-FaceCloud-Role";

    public bool IsAdmin => Role == Admin;

    /// <summary>Whom what they make belongs to; null for somebody anonymous, whose things are nobody's.</summary>
    public string? Owner => Role is null ? null : Name;

    public static Caller Of(HttpRequest request) =>
        request.Headers[NameHeader] is [{ Length: > 0 } name] && request.Headers[RoleHeader] is [{ Length: > 0 } role]
            ? new Caller(Uri.UnescapeDataString(name), role)
            : new Caller(Anonymous, null);

    /// <summary>Puts the caller in place of whatever the client sent; null: nobody said who it is.</summary>
    public static void Set(HttpRequest request, Caller? caller)
    {
        request.Headers.Remove(NameHeader);
        request.Headers.Remove(RoleHeader);
        if (caller is { Role: not null })
        {
            request.Headers[NameHeader] = Uri.EscapeDataString(caller.Name);
            request.Headers[RoleHeader] = caller.Role;
        }
    }
}
