using System.Globalization;
using FaceCloud.Contracts;
using FaceCloud.Files;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Photos;

/// <summary>
/// <c>GET /processed/thumbnails/{face}.jpg?expires=...&amp;signature=...</c>: a link that the quality dialect gave out. It needs no token and names
/// no gallery.
/// </summary>
internal static class GetThumbnail
{
    [Fails(Failure.NotFound, Failure.Forbidden)]
    public static async Task<FileStreamHttpResult> HandleAsync(
        HttpContext http, Guid face, long? expires, string? signature, IdentityDb db, IFileStore files, ThumbnailUrls urls, CancellationToken cancellationToken)
    {
        var left = urls.TimeLeft(face, expires ?? 0, signature ?? "") ?? throw Ownership.Denied();
        var row = await db.Faces.AsNoTracking().SingleOrDefaultAsync(row => row.Uuid == face, cancellationToken)
            ?? throw new FailureException(Failure.NotFound, "File not found");
        var answer = await GetCrop.ServeAsync(http, row, db, files, cancellationToken);

        // Kept by a browser as long as the link holds.
        http.Response.Headers.CacheControl = string.Create(CultureInfo.InvariantCulture, $"private, max-age={(int)left.TotalSeconds}");
        return answer;
    }
}
