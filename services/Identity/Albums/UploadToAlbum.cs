using System.ComponentModel.DataAnnotations;
using FaceCloud.Identity.Access;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Photos;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Albums;

/// <summary><c>POST /api/v1/albums/{id}/photos</c>: as <c>POST /api/photos</c>, into the album of the path.</summary>
internal static class UploadToAlbum
{
    public static async Task<Results<Accepted<UploadPhotos.Response>, Ok<UploadPhotos.ProcessedResponse>>> HandleAsync(
        HttpRequest http, string id, PhotoUpload upload, IdentityDb db, IHostApplicationLifetime lifetime, bool? wait, CancellationToken cancellationToken)
    {
        // Before gigabytes are sent for nothing.
        await db.RequireOwnAlbumAsync(http, id, cancellationToken);
        return await UploadPhotos.AnswerAsync(await upload.ReceiveAsync(http, id, cancellationToken), db, lifetime, wait, cancellationToken);
    }

    /// <param name="File">The photos, up to 1,000 of them.</param>
    /// <param name="Wait">Answer when they are processed.</param>
    internal sealed record Form([property: Required] IFormFile[] File, bool? Wait);
}
