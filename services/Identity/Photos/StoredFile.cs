using FaceCloud.Contracts;
using FaceCloud.Files;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace FaceCloud.Identity.Photos;

/// <summary>A file of the store as an answer, with what browsers need to keep it and to fetch parts of it.</summary>
internal static class StoredFile
{
    /// <param name="http">Its conditions and ranges are heeded.</param>
    /// <param name="files">Holds the file.</param>
    /// <param name="key">The file's.</param>
    /// <param name="mediaType">The file's.</param>
    /// <param name="tag">Changes with the bytes.</param>
    /// <param name="changed">UTC; null where only the tag tells.</param>
    /// <param name="cancellationToken">While the file is opened.</param>
    /// <exception cref="FailureException"><see cref="Failure.NotFound"/>: it is not in the store.</exception>
    public static async Task<FileStreamHttpResult> ServeAsync(
        HttpContext http, IFileStore files, string key, string mediaType, string tag, DateTime? changed, CancellationToken cancellationToken)
    {
        var content = await files.OpenAsync(key, cancellationToken) ?? throw new FailureException(Failure.NotFound, "File not found");

        // A photo never changes under its path, but it is not everybody's; and nothing that was uploaded is ever taken for a page.
        var headers = http.Response.Headers;
        headers.CacheControl = "private, max-age=31536000, immutable";
        headers.Vary = GalleryHeader.Name;
        headers.XContentTypeOptions = "nosniff";

        // 412 and 416 say all with their headers.
        http.Features.Get<IStatusCodePagesFeature>()?.Enabled = false;
        return TypedResults.File(
            content,
            mediaType,
            lastModified: changed is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null,
            entityTag: new EntityTagHeaderValue($"\"{tag}\""),
            enableRangeProcessing: true);
    }
}
