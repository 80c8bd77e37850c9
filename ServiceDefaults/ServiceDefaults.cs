using System.Text.Json;
using System.Text.Json.Serialization;
using FaceCloud.ServiceDefaults.Errors;
using FaceCloud.ServiceDefaults.Health;
using FaceCloud.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FaceCloud.ServiceDefaults;

/// <summary>What every process of FaceCloud does the same way.</summary>
public static class ServiceDefaults
{
    public static void AddServiceDefaults(this IHostApplicationBuilder builder)
    {
        AddLoggingDefaults(builder.Configuration);
        builder.AddTelemetry();
        builder.Services.AddDialectErrors();
        builder.Services.AddHealthChecks();

        // The contracts' limit on a body: 20 MB.
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = 20 * 1024 * 1024;
            kestrel.AddServerHeader = false;
        });
        builder.Services.AddSingleton<BodyBudget>();

        // A query value of the wrong type becomes an error in the dialect's form.
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);

        // Four dialects of five write snake_case; the fifth names its exceptions. A number in quotes is a mistake worth telling.
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.PropertyNameCaseInsensitive = false;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
    }

    /// <summary>Ours in full, the frameworks' from warnings on; below every other source, so that configuration has the last word.</summary>
    private static void AddLoggingDefaults(IConfigurationManager configuration) =>
        configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                ["Logging:LogLevel:Default"] = "Information",
                ["Logging:LogLevel:Microsoft"] = "Warning",
                ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Information",
                ["Logging:LogLevel:Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware"] = "None",

                // Failed commands reach the log as the exception of whoever sent them; before the first migration one is expected.
                ["Logging:LogLevel:Microsoft.EntityFrameworkCore.Database.Command"] = "None",

                // Retries, each with its trace: consumers say themselves what they gave up.
                ["Logging:LogLevel:MassTransit"] = "Warning",
                ["Logging:LogLevel:MassTransit.ReceiveTransport"] = "None",

                // A start that fails ends the program with the reason.
                ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "None",
            },
        });

    public static void UseServiceDefaults(this WebApplication app)
    {
        app.UseTelemetry();
        app.UseDialectErrors();
        app.MapHealth();
    }
}
