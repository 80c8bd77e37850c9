using FaceCloud.Identity.Audit;
using FaceCloud.Identity.Data;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.People;

/// <summary><c>GET /api/v1/people/{id}/export</c>.</summary>
internal static class ExportPerson
{
    public static async Task<PushStreamHttpResult> HandleAsync(
        HttpContext http, string id, bool? photos, IdentityDb db, PersonExport export, AuditTrail audit, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http.Request);
        var person = await db.RequirePersonAsync(gallery, id, cancellationToken);
        await audit.ExportedAsync(PeopleApi.Dialect, gallery, person.Uuid, cancellationToken);

        // An entry of a zip file writes its last bytes when it is closed, and can be closed synchronously only.
        http.Features.GetRequiredFeature<IHttpBodyControlFeature>().AllowSynchronousIO = true;
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Stream(
            zip => export.WriteAsync(person, gallery, photos ?? false, zip, cancellationToken), "application/zip", $"person-{person.Uuid}.zip");
    }
}
