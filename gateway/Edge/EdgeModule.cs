using FaceCloud.Contracts;
using FaceCloud.Gateway.Edge.OpenApi;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FaceCloud.Gateway.Edge;

/// <summary>The edge as a module: who may call, and how often. In front of the services, in a process of its own or in theirs.</summary>
public static class EdgeModule
{
    private const int MinKeyBytes = 32;

    public static void AddEdge(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<AuthOptions>().BindConfiguration("Auth").ValidateDataAnnotations()
            .Validate(
                auth => auth.SigningKey is null || IsKey(auth.SigningKey),
                $"Auth:{nameof(AuthOptions.SigningKey)} must be {MinKeyBytes} bytes at least, in base64.")
            .Validate(auth => auth.Authority is not { IsAbsoluteUri: false }, $"Auth:{nameof(AuthOptions.Authority)} must be an absolute address.")
            .ValidateOnStart();
        services.AddOptions<LimitOptions>().BindConfiguration("Limits").ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddHttpClient(nameof(ProviderKeys)).RemoveAllLoggers();
        services.AddSingleton<EdgeMode>().AddSingleton<EdgeDatabase>().AddSingleton<ProviderKeys>()
            .AddSingleton<Tokens>().AddSingleton<ApiKeys>().AddSingleton<RateLimits>();
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, CallerAuthentication>(CallerAuthentication.SchemeName, null);
    }

    /// <summary>Before everything that answers.</summary>
    public static void UseEdge(this WebApplication app)
    {
        _ = app.Services.GetRequiredService<EdgeMode>(); // refuses now, not at the first call
        app.UseMiddleware<AccessControl>();
        app.MapAuthApi();
        app.MapApiKeysApi();
        app.MapDescription();
    }

    /// <summary>A token signed with the configured key, for the command line.</summary>
    /// <param name="configuration">Names <c>Auth:SigningKey</c>.</param>
    /// <param name="subject">Whom it is for.</param>
    /// <param name="role"><c>viewer</c>, <c>photographer</c> or <c>admin</c>.</param>
    /// <param name="life">How long it is valid.</param>
    /// <exception cref="FailureException"><see cref="Failure.InvalidRequest"/>: there is no such role.</exception>
    public static string SignToken(IConfiguration configuration, string subject, string role, TimeSpan life)
    {
        var options = configuration.GetSection("Auth").Get<AuthOptions>() ?? new AuthOptions();
        return Tokens.Create(options, subject, RoleName.Require(role), life, TimeProvider.System.GetUtcNow());
    }

    private static bool IsKey(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && length >= MinKeyBytes;
    }
}
