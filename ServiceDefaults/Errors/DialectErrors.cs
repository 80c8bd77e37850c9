using FaceCloud.Contracts;
using FaceCloud.Contracts.Frames;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FaceCloud.ServiceDefaults.Errors;

/// <summary>Turns every failure, thrown or routed, into the body of the dialect whose path was called. The only place that does.</summary>
public static class DialectErrors
{
    public static IServiceCollection AddDialectErrors(this IServiceCollection services) =>
        services.AddExceptionHandler<Handler>().AddProblemDetails();

    public static void UseDialectErrors(this IApplicationBuilder app)
    {
        app.UseExceptionHandler();

        // Answers that routing or the server gave without a body: no such route, wrong verb.
        app.UseStatusCodePages(pages => pages.HttpContext.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => Write(pages.HttpContext, Failure.NotFound, "There is nothing at this path."),
            StatusCodes.Status405MethodNotAllowed =>
                Write(pages.HttpContext, Failure.MethodNotAllowed, "This path does not answer this method."),
            StatusCodes.Status413PayloadTooLarge => Write(pages.HttpContext, Failure.TooLarge, "The request body is too large."),
            StatusCodes.Status503ServiceUnavailable => Write(pages.HttpContext, Failure.Busy, "The server is busy; try again."),
            StatusCodes.Status502BadGateway or StatusCodes.Status504GatewayTimeout =>
                Write(pages.HttpContext, Failure.Unavailable, "A service behind this one does not answer; try again."),
            var status when status < 500 => Write(pages.HttpContext, Failure.Malformed, "The request is not valid."),
            _ => Write(pages.HttpContext, Failure.Internal, "The server failed to answer."),
        });
    }

    private static Task Write(HttpContext context, Failure failure, string message) =>
        Dialect.Of(context.Request.Path).WriteAsync(context, failure, message);

    private sealed class Handler(ILogger<Handler> logger) : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
        {
            var dialect = Dialect.Of(context.Request.Path);
            switch (exception)
            {
                case FailureException failure:
                    await dialect.WriteAsync(context, failure.Failure, failure.Message, failure.Details);
                    return true;
                case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                    await dialect.WriteAsync(context, Failure.TooLarge, "The request body is too large.");
                    return true;
                case BadHttpRequestException bad:
                    await dialect.WriteAsync(context, Failure.Malformed, bad.Message);
                    return true;
                case DamagedFrameException damaged:
                    await dialect.WriteAsync(context, Failure.Malformed, damaged.Message);
                    return true;
                case var down when Outage.IsBackingServiceDown(down):
                    logger.LogWarning(exception, "{Method} {Path} met a backing service that is down", context.Request.Method, context.Request.Path);
                    await dialect.WriteAsync(context, Failure.Unavailable, "A service behind this one does not answer; try again.");
                    return true;
                default:
                    // The type and place of a fault are for the log; its message may quote data, so the client gets neither.
                    logger.LogError(exception, "{Method} {Path} failed", context.Request.Method, context.Request.Path);
                    await dialect.WriteAsync(context, Failure.Internal, "The server failed to answer; its log says why.");
                    return true;
            }
        }
    }
}
