using System.Text.Json;
using System.Text.Json.Serialization;
using FaceCloud.ServiceDefaults.Errors;
using FaceCloud.ServiceDefaults.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FaceCloud.ServiceDefaults;

/// <summary>What every process of FaceCloud does the same way.</summary>
public static class ServiceDefaults
{
    public static void AddServiceDefaults(this IHostApplicationBuilder builder)
    {
        builder.Services.AddDialectErrors();
        builder.Services.AddHealthChecks();

        // Four dialects of five write snake_case; the fifth names its exceptions. A number in quotes is a mistake worth telling.
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.PropertyNameCaseInsensitive = false;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
    }

    public static void UseServiceDefaults(this WebApplication app)
    {
        app.UseDialectErrors();
        app.MapHealth();
    }
}
