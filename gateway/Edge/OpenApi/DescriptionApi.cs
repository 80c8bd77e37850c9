using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace FaceCloud.Gateway.Edge.OpenApi;

/// <summary>
/// <c>GET /openapi/v1.json</c>, the description of every call, and <c>/docs</c>, a page to try them. The document is a file of the build, so that the
/// gateway, which has none of the services' code, tells the same as the one program; a test holds it against what the endpoints say.
/// </summary>
internal static class DescriptionApi
{
    public const string DocumentPath = "/openapi/v1.json";
    public const string PagePath = "/docs";

    private static readonly Lazy<byte[]> Document = new(Read);
    private static readonly EntityTagHeaderValue Tag = new($"\"{typeof(DescriptionApi).Module.ModuleVersionId:n}\"");

    public static void MapDescription(this WebApplication app)
    {
        app.MapGet(DocumentPath, Handle).Produces(StatusCodes.Status200OK, contentType: "application/json").WithTags("operations").WithSummary("This document");

        // From files of the package: nothing is fetched from elsewhere.
        app.UseSwaggerUI(page =>
        {
            page.RoutePrefix = PagePath[1..];
            page.DocumentTitle = "FaceCloud";
            page.SwaggerEndpoint(DocumentPath, "FaceCloud");
            page.ConfigObject.PersistAuthorization = false;
        });
    }

    private static FileContentHttpResult Handle() => TypedResults.File(Document.Value, "application/json", entityTag: Tag);

    private static byte[] Read()
    {
        using var stream = typeof(DescriptionApi).Assembly.GetManifestResourceStream("openapi.json")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
