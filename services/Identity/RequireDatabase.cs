using FaceCloud.Contracts;
using Microsoft.Extensions.Options;

namespace FaceCloud.Identity;

/// <summary>Answers 503 on everything that knows people while <see cref="DatabaseOptions.Enabled"/> is false.</summary>
internal static class RequireDatabase
{
    public static ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.RequestServices.GetRequiredService<IOptions<DatabaseOptions>>().Value.Enabled
            ? next(context)
            : throw new FailureException(Failure.Unavailable, "The database is not enabled.");
}
