using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace FaceCloud.ServiceDefaults.Telemetry;

/// <summary>
/// Completes the span of a request with what is known when it has been answered, by the
/// <see href="https://opentelemetry.io/docs/specs/semconv/http/http-spans/">conventions</see>: ASP.NET Core sets its tags at the start alone. Outside of
/// everything that answers.
/// </summary>
internal sealed class ServerSpans(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        // Before: what answers a failure forgets which route failed.
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        await next(context);
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is not { IsAllDataRequested: true } span)
        {
            return;
        }

        if (route is not null)
        {
            span.DisplayName = $"{context.Request.Method} {route}";
            span.SetTag("http.route", route);
        }

        span.SetTag("http.response.status_code", context.Response.StatusCode);
        if (context.Response.StatusCode >= StatusCodes.Status500InternalServerError)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
